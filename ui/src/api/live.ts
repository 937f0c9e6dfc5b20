/**
 * What happens to runs, as it happens: one server-sent stream for the whole page.
 *
 * Browsers allow six connections to one server, so a hidden tab lets its own go and catches up when it is
 * shown again: the server tells of each run once, as it is then.
 */

import type { ApiNumber, Schemas } from "./client";
import { root } from "./client";

export type LiveRun = Schemas["LiveRunBody"];
export interface LivePoints {
  run_id: string;
  project_id: string | null;
  status: LiveRun["status"];
  metrics: Record<string, { step: number; value: ApiNumber; count: number }>;
}
export type LiveEvent =
  | { kind: "started" | "ended" | "changed"; run: LiveRun }
  | { kind: "points"; points: LivePoints }
  /** What is shown is to be read anew: the database is another one. */
  | { kind: "reset" };
export type LiveState = "connecting" | "open" | "lost" | "paused";

type Listener = (event: LiveEvent) => void;

const RETRY_MS = 2000;

class LiveStream {
  private source: EventSource | null = null;
  private cursor: string | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<() => void>();
  private current: LiveState = "connecting";

  get state(): LiveState {
    return this.current;
  }

  /** Begin, and follow whether the page is shown. */
  start(): void {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.pause() : this.connect()));
    window.addEventListener("online", () => this.connect());
    if (!document.hidden) this.connect();
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Connect now, if not connected: after a login, or when a person asks to try again. */
  connect = (): void => {
    if (this.source !== null && this.source.readyState !== EventSource.CLOSED) return;
    if (this.retry !== null) clearTimeout(this.retry);
    const query = this.cursor === null ? "" : `?cursor=${encodeURIComponent(this.cursor)}`;
    const source = new EventSource(`${root}/api/modellab/live${query}`);
    this.source = source;
    source.onopen = () => this.become("open");
    source.onerror = () => {
      // A refused connection is closed for good, one that broke is tried again by the browser.
      this.become("lost");
      if (source.readyState === EventSource.CLOSED) this.retry = setTimeout(this.connect, RETRY_MS);
    };
    const on = (name: string, read: (data: string) => LiveEvent | null) =>
      source.addEventListener(name, (message) => {
        if (message.lastEventId) this.cursor = message.lastEventId;
        const event = read(message.data);
        if (event !== null) for (const listener of this.listeners) listener(event);
      });
    on("hello", () => null);
    on("reset", () => ({ kind: "reset" }));
    on("run.started", (data) => ({ kind: "started", run: JSON.parse(data) as LiveRun }));
    on("run.ended", (data) => ({ kind: "ended", run: JSON.parse(data) as LiveRun }));
    on("run.changed", (data) => ({ kind: "changed", run: JSON.parse(data) as LiveRun }));
    on("run.points", (data) => ({ kind: "points", points: JSON.parse(data) as LivePoints }));
  };

  private pause(): void {
    if (this.retry !== null) clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
    this.become("paused");
  }

  private become(state: LiveState): void {
    if (state === this.current) return;
    this.current = state;
    for (const watcher of this.watchers) watcher();
  }
}

export const live = new LiveStream();
