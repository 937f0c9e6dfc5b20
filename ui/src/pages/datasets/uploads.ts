/**
 * The files that are being sent, one after the other. They outlive the page that began them: a person may look
 * at something else meanwhile.
 */

import { useSyncExternalStore } from "react";
import { type AddedDataset, type Said, type Sending, sendDataset } from "./send";
import { addSample, type Sample } from "./speed";

export type UploadState = "waiting" | "sending" | "reading" | "done" | "failed" | "cancelled";

export interface Upload {
  readonly key: number;
  readonly file: File;
  readonly said: Said;
  readonly state: UploadState;
  readonly samples: readonly Sample[];
  readonly added: AddedDataset | null;
  readonly error: unknown;
}

type Listener = () => void;
type Send = typeof sendDataset;

export class UploadQueue {
  private uploads: readonly Upload[] = [];
  private current: { key: number; sending: Sending } | null = null;
  private nextKey = 1;
  private readonly listeners = new Set<Listener>();
  private readonly arrivals = new Set<(added: AddedDataset) => void>();

  constructor(
    private readonly send: Send = sendDataset,
    private readonly now: () => number = () => performance.now(),
  ) {}

  list = (): readonly Upload[] => this.uploads;

  subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Hear of each dataset that has arrived. */
  onArrival(listener: (added: AddedDataset) => void): () => void {
    this.arrivals.add(listener);
    return () => this.arrivals.delete(listener);
  }

  add(files: readonly { file: File; said: Said }[]): void {
    const added = files.map<Upload>(({ file, said }) => ({
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

  private end(key: number, change: Partial<Upload>): void {
    this.current = null;
    this.change(key, change);
    if (change.added) for (const listener of this.arrivals) listener(change.added);
    this.sendNext();
  }

  private find(key: number): Upload | undefined {
    return this.uploads.find((upload) => upload.key === key);
  }

  private change(key: number, change: Partial<Upload>): void {
    this.become(this.uploads.map((upload) => (upload.key === key ? { ...upload, ...change } : upload)));
  }

  private become(uploads: readonly Upload[]): void {
    this.uploads = uploads;
    for (const listener of this.listeners) listener();
  }
}

/** Whether it is still to come or on its way. */
export function isUnderWay({ state }: Upload): boolean {
  return state === "waiting" || state === "sending" || state === "reading";
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export const uploadQueue = new UploadQueue();

// A page that is left takes its uploads with it, so the browser asks first.
window.addEventListener("beforeunload", (event) => {
  if (uploadQueue.list().some(isUnderWay)) event.preventDefault();
});

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(uploadQueue.subscribe, uploadQueue.list);
}
