import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ChartRange, XKind } from "./types";

type SetRange = (range: ChartRange | null) => void;

/** Ranges of charts that share a key and whose caller keeps none. */
const shared = new Map<string, ChartRange | null>();
const watchers = new Set<() => void>();
const COMMIT_MS = 200;

interface RangeProps {
  range: ChartRange | null | undefined;
  onRange: SetRange | undefined;
  /** Charts with the same key have the same range, unless their caller keeps it. */
  syncKey: string | undefined;
  xKind: XKind;
}

/** The part of the x axis that is shown: the caller's, that of the charts with the same key, or the chart's own. */
export function useKeptRange({ range, onRange, syncKey, xKind }: RangeProps): [ChartRange | null, SetRange] {
  const key = syncKey === undefined ? null : `${xKind} ${syncKey}`;
  const common = useSyncExternalStore(watch, () => (key === null ? null : (shared.get(key) ?? null)));
  const [own, setOwn] = useState<{ xKind: XKind; range: ChartRange | null }>({ xKind, range: null });
  const set = useCallback<SetRange>(
    (next) => {
      if (onRange !== undefined) onRange(next);
      else if (key === null) setOwn({ xKind, range: next });
      else share(key, next);
    },
    [onRange, key, xKind],
  );
  if (onRange !== undefined) return [range ?? null, set];
  // A range in other units is none.
  return [key === null ? (own.xKind === xKind ? own.range : null) : common, set];
}

/**
 * A range that is shown at once and set when the hand has come to rest: it often lives in the address, which
 * browsers let change only so often.
 */
export function useDraftRange(settled: ChartRange | null, set: SetRange): [ChartRange | null, SetRange] {
  const written = settled === null ? "" : settled.join("~");
  const [draft, setDraft] = useState<{ range: ChartRange | null; over: string } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(set);
  useEffect(() => {
    latest.current = set;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going back to a range must not bring a draft back
  useEffect(() => setDraft(null), [written]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const show = useCallback<SetRange>(
    (next) => {
      setDraft({ range: next, over: written });
      clearTimeout(timer.current);
      timer.current = setTimeout(() => latest.current(next), COMMIT_MS);
    },
    [written],
  );
  // A draft is over when what it was drawn over has changed: by being set, or by somebody else.
  const isDraft = draft !== null && draft.over === written;
  return [isDraft ? draft.range : settled, show];
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function share(key: string, range: ChartRange | null): void {
  shared.set(key, range);
  for (const watcher of watchers) watcher();
}
