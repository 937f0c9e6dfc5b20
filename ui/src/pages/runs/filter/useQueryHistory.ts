import { useCallback, useMemo } from "react";
import { readTexts, usePreference } from "~/state/preference";

const MAX_KEPT = 20;

/** The queries asked last on this browser, the newest first, and a way to add one. */
export function useQueryHistory(): [readonly string[], (query: string) => void] {
  const [kept, keep] = usePreference("runs.queries", "[]");
  const history = useMemo(() => readTexts(kept), [kept]);
  const remember = useCallback(
    (query: string) =>
      keep(JSON.stringify([query, ...history.filter((other) => other !== query)].slice(0, MAX_KEPT))),
    [keep, history],
  );
  return [history, remember];
}
