import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLive } from "~/api/useLive";

const REFRESH_MS = 3000;

/** Read a summary over many runs again when any of them starts, ends or changes, at most every 3 seconds. */
export function useThrottledRefresh(key: QueryKey): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => void (timer.current !== null && clearTimeout(timer.current)), []);
  useLive(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void queries.invalidateQueries({ queryKey: key });
    }, REFRESH_MS);
  });
}
