import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ChartRange } from "./types";

/** Ranges of charts that share a key and whose caller keeps none. */
const shared = new Map<string, ChartRange | null>();
const watchers = new Set<() => void>();
const COMMIT_MS = 200;

interface RangeProps {
  range: ChartRange | null | undefined;
  onRange: ((range: ChartRange | null) => void) | undefined;
  /** Charts with the same key have the same range, unless their caller keeps it. */
  shareKey: string | null;
}

/**
 * The part of the x axis that a chart shows, and a way to set it.
 *
 * It is shown at once, and told to the caller when the hand has come to rest: the range often lives in the
 * address, which browsers let change only so often.
 */
export function useShownRange({ range, onRange, shareKey }: RangeProps) {
  const isKept = onRange !== undefined || range !== undefined;
  const [own, setOwn] = useState<ChartRange | null>(null);
  const common = useSyncExternalStore(watch, () =>
    shareKey === null ? null : (shared.get(shareKey) ?? null),
  );
  const settled = isKept ? (range ?? null) : shareKey === null ? own : common;
  const written = settled === null ? "" : settled.join("~");
  const [draft, setDraft] = useState<{ range: ChartRange | null; over: string } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const commit = useRef((_: ChartRange | null) => {});
  useEffect(() => {
    commit.current = (next) => {
      if (isKept) onRange?.(next);
      else if (shareKey === null) setOwn(next);
      else share(shareKey, next);
    };
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const show = useCallback(
    (next: ChartRange | null) => {
      setDraft({ range: next, over: written });
      clearTimeout(timer.current);
      timer.current = setTimeout(() => commit.current(next), COMMIT_MS);
    },
    [written],
  );
  // A draft is over when what it was drawn over has changed: by its own commit, or by somebody else.
  const isDraft = draft !== null && draft.over === written;
  const nowRange = isDraft ? draft.range : settled;
  return [nowRange, show] as const;
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function share(key: string, range: ChartRange | null): void {
  shared.set(key, range);
  for (const watcher of watchers) watcher();
}
