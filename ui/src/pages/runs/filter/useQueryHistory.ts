import { useCallback, useMemo } from "react";
import { usePreference } from "~/state/preference";

const MAX_KEPT = 20;

/** The queries asked last on this browser, the newest first, and a way to add one. */
export function useQueryHistory(): [readonly string[], (query: string) => void] {
  const [kept, keep] = usePreference("runs.queries", "[]");
  const history = useMemo(() => readHistory(kept), [kept]);
  const remember = useCallback(
    (query: string) =>
      keep(JSON.stringify([query, ...history.filter((other) => other !== query)].slice(0, MAX_KEPT))),
    [keep, history],
  );
  return [history, remember];
}

function readHistory(text: string): string[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}
