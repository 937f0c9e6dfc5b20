import { useEffect, useRef, useSyncExternalStore } from "react";
import { type LiveEvent, type LiveState, live } from "./live";

/** Call `handler` for each event while the component is shown; it may change from render to render. */
export function useLive(handler: (event: LiveEvent) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => live.subscribe((event) => latest.current(event)), []);
}

/** Whether the stream is up. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(live.watch, () => live.state);
}
