/**
 * The files that are being sent, one after the other. They outlive the page that began them: a person may look
 * at something else meanwhile.
 */

import { useSyncExternalStore } from "react";
import type { Sending } from "./send";
import { addSample, type Sample } from "./speed";

export type UploadState = "waiting" | "sending" | "reading" | "done" | "failed" | "cancelled";

/** A file, what is said of it, and how it fares; `added` is the server's answer. */
export interface Upload<Said, Added> {
  readonly key: number;
  readonly file: File;
  readonly said: Said;
  readonly state: UploadState;
  readonly samples: readonly Sample[];
  readonly added: Added | null;
  readonly error: unknown;
}

type Listener = () => void;
/** Sends a file; `onSent` hears how many bytes have gone. */
export type Send<Said, Added> = (file: File, said: Said, onSent: (bytes: number) => void) => Sending<Added>;

export class UploadQueue<Said, Added> {
  private uploads: readonly Upload<Said, Added>[] = [];
  private current: { key: number; sending: Sending<Added> } | null = null;
  private nextKey = 1;
  private readonly listeners = new Set<Listener>();
  private readonly arrivals = new Set<(added: Added, said: Said) => void>();

  constructor(
    private readonly send: Send<Said, Added>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  list = (): readonly Upload<Said, Added>[] => this.uploads;

  subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Hear of each dataset that has arrived. */
  onArrival(listener: (added: Added, said: Said) => void): () => void {
    this.arrivals.add(listener);
    return () => this.arrivals.delete(listener);
  }

  add(files: readonly { file: File; said: Said }[]): void {
    const added = files.map<Upload<Said, Added>>(({ file, said }) => ({
      key: this.nextKey++,
      file,
      said,
      state: "waiting",
      samples: [],
      added: null,
      error: null,
    }));
    this.become([...this.uploads, ...added]);
    this.sendNext();
  }

  cancel(key: number): void {
    if (this.current?.key === key) this.current.sending.cancel();
    else if (this.find(key)?.state === "waiting") this.change(key, { state: "cancelled" });
  }

  retry(key: number): void {
    this.change(key, { state: "waiting", error: null, samples: [] });
    this.sendNext();
  }

  /** Take away what is over. */
  clear(): void {
    this.become(this.uploads.filter(isUnderWay));
  }

  private sendNext(): void {
    if (this.current !== null) return;
    const next = this.uploads.find(({ state }) => state === "waiting");
    if (next === undefined) return;
    const { key, file, said } = next;
    this.change(key, { state: "sending", samples: [{ at: this.now(), bytes: 0 }] });
    const sending = this.send(file, said, (bytes) => this.advance(key, bytes));
    this.current = { key, sending };
    void sending.done.then(
      (added) => this.end(key, { state: "done", added }),
      (error: unknown) => this.end(key, isAbort(error) ? { state: "cancelled" } : { state: "failed", error }),
    );
  }

  private advance(key: number, bytes: number): void {
    const upload = this.find(key);
    if (upload === undefined || !isUnderWay(upload)) return;
    const samples = addSample(upload.samples, { at: this.now(), bytes });
    this.change(key, { samples, state: bytes >= upload.file.size ? "reading" : "sending" });
  }

  private end(key: number, change: Partial<Upload<Said, Added>>): void {
    this.current = null;
    this.change(key, change);
    const said = this.find(key)?.said;
    if (change.added && said !== undefined)
      for (const listener of this.arrivals) listener(change.added, said);
    this.sendNext();
  }

  private find(key: number): Upload<Said, Added> | undefined {
    return this.uploads.find((upload) => upload.key === key);
  }

  private change(key: number, change: Partial<Upload<Said, Added>>): void {
    this.become(this.uploads.map((upload) => (upload.key === key ? { ...upload, ...change } : upload)));
  }

  private become(uploads: readonly Upload<Said, Added>[]): void {
    this.uploads = uploads;
    for (const listener of this.listeners) listener();
  }
}

/** Whether it is still to come or on its way. */
export function isUnderWay({ state }: { state: UploadState }): boolean {
  return state === "waiting" || state === "sending" || state === "reading";
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** A queue; a page that is left takes its uploads with it, so the browser asks first. */
export function makeQueue<Said, Added>(send: Send<Said, Added>): UploadQueue<Said, Added> {
  const queue = new UploadQueue(send);
  window.addEventListener("beforeunload", (event) => {
    if (queue.list().some(isUnderWay)) event.preventDefault();
  });
  return queue;
}

/** The files of a queue, as they are now. */
export function useUploads<Said, Added>(queue: UploadQueue<Said, Added>): readonly Upload<Said, Added>[] {
  return useSyncExternalStore(queue.subscribe, queue.list);
}
