import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { LiveEvent } from "./live";
import { useLive } from "./useLive";

const RUN_EVENTS: readonly LiveEvent["kind"][] = ["started", "ended", "changed"];

interface RefreshOptions {
  /** Which events count; those of runs that begin, end or are changed, if not said. */
  on?: readonly LiveEvent["kind"][];
  /** At most once in so long. */
  everyMs?: number;
}

/** Reads what lies under a key anew when runs say that it has changed: soon, but not for each of many events. */
export function useRefresh(key: QueryKey, { on = RUN_EVENTS, everyMs = 2000 }: RefreshOptions = {}): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  useLive((event) => {
    if (!on.includes(event.kind) || timer.current !== null) return;
    const wait = Math.max(last.current + everyMs - performance.now(), 0);
    timer.current = setTimeout(() => {
      timer.current = null;
      last.current = performance.now();
      void queries.invalidateQueries({ queryKey: key });
    }, wait);
  });
}
