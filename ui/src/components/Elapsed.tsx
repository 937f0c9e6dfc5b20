import { useSyncExternalStore } from "react";
import { formatAgo, formatDuration } from "~/format/time";

/** One clock for all that tick, so that a hundred of them cost one timer. */
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = Date.now();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(tick, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tick(): void {
  now = Date.now();
  for (const told of watchers) told();
}

/** A text that follows the clock; drawn again only when it reads differently. */
function useTicking(write: (now: number) => string): string {
  return useSyncExternalStore(watch, () => write(now));
}

/** How long it is since a moment, second by second. */
export function Elapsed({ since }: { since: string }) {
  // The clock of the machine that trains may be ahead of this one.
  return useTicking((at) => formatDuration(Math.max(Math.floor((at - Date.parse(since)) / 1000), 0)));
}

/** When something was, as it is said now: `just now`, a minute later `1 min ago`. */
export function Ago({ at }: { at: string }) {
  return useTicking((moment) => formatAgo(at, moment));
}
