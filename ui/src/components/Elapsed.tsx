import { useSyncExternalStore } from "react";
import { formatDuration } from "~/format/time";

/** One clock for all that tick, so that a hundred of them cost one timer. */
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = Date.now();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  // The first to watch may come long after the page was opened.
  if (timer === null) now = Date.now();
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

const watchNothing = () => () => {};

/** The present moment in milliseconds, anew each second while `isOn`. */
export function useNow(isOn = true): number {
  return useSyncExternalStore(isOn ? watch : watchNothing, () => now);
}

/** How long it is since a moment, second by second. */
export function Elapsed({ since }: { since: string }) {
  return <span>{formatDuration(Math.floor(secondsSince(since, useNow())))}</span>;
}

/** Seconds from a moment to `now`; the clock of the machine that trains may be ahead of this one. */
export function secondsSince(moment: string, now: number): number {
  return Math.max((now - Date.parse(moment)) / 1000, 0);
}
