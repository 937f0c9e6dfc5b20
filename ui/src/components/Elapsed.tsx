import { useSyncExternalStore } from "react";
import { formatDuration } from "~/format/time";

/** One clock for all that tick, so that a hundred of them cost one timer. */
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = Date.now();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const told of watchers) told();
  }, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** How long it is since a moment, second by second. */
export function Elapsed({ since }: { since: string }) {
  const at = useSyncExternalStore(watch, () => now);
  // The clock of the machine that trains may be ahead of this one.
  return <span>{formatDuration(Math.max(Math.floor((at - Date.parse(since)) / 1000), 0))}</span>;
}
