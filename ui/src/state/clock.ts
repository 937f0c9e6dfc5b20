import { useSyncExternalStore } from "react";

/** One clock for all that tick, so that a hundred of them cost one timer. */
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = Date.now();

function tick(): void {
  now = Date.now();
  for (const told of watchers) told();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === null) {
    // It has stood still since the last one left.
    now = Date.now();
    timer = setInterval(tick, 1000);
  }
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

/** A text that follows the clock; drawn again only when it reads differently. */
export function useTicking(write: (now: number) => string): string {
  return useSyncExternalStore(watch, () => write(now));
}

/** Seconds from a moment to `now`; the clock of the machine that trains may be ahead of this one. */
export function secondsSince(moment: string, now: number): number {
  return Math.max((now - Date.parse(moment)) / 1000, 0);
}
