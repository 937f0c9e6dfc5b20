/** What a person prefers on this browser, such as how dense a table is; kept in its local storage. */

import { useCallback, useSyncExternalStore } from "react";

const PREFIX = "modellab.";
const watchers = new Set<() => void>();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  window.addEventListener("storage", watcher);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener("storage", watcher);
  };
}

/** A preference and a way to set it. A browser that keeps nothing has the default each time. */
export function usePreference(name: string, fallback: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(watch, () => read(name) ?? fallback);
  const set = useCallback(
    (next: string) => {
      try {
        window.localStorage.setItem(PREFIX + name, next);
      } catch {
        // A private window may forbid it; the preference then lasts as long as the page.
        kept.set(name, next);
      }
      for (const watcher of watchers) watcher();
    },
    [name],
  );
  return [value, set];
}

const kept = new Map<string, string>();

function read(name: string): string | null {
  try {
    return window.localStorage.getItem(PREFIX + name) ?? kept.get(name) ?? null;
  } catch {
    return kept.get(name) ?? null;
  }
}

/** Texts that were kept as JSON in a preference; none if it holds anything else. */
export function readTexts(text: string): string[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}
