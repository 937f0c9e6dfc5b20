import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { useSetAddress } from "~/state/address";
import { changeSettings, readSettings, SETTING_NAMES, writeSettings } from "./settings";
import type { ChartSettings } from "./types";

type Change = Partial<ChartSettings>;

/** A slider changes faster than browsers let an address change. */
const WRITE_MS = 150;

/**
 * How curves are drawn, kept in the address so that a link shows the same; `change` takes what differs.
 *
 * What changes is there at once, and in the address a moment later. Use it once on a page, above all charts.
 */
export function useChartSettings(): [ChartSettings, (change: Change) => void] {
  const [params] = useSearchParams();
  const setAddress = useSetAddress();
  const written = SETTING_NAMES.map((name) => params.get(name) ?? "").join("\n");
  const [draft, setDraft] = useState<{ change: Change; over: string } | null>(null);
  const latest = useRef({ written, setAddress, pending: {} as Change });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    Object.assign(latest.current, { written, setAddress });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going back to an address must not bring a draft back
  useEffect(() => setDraft(null), [written]);
  useEffect(() => () => clearTimeout(timer.current), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other parts of the address do not change it
  const settings = useMemo(() => {
    const read = readSettings((name) => params.get(name));
    // What was changed counts until the address has it, or somebody else has changed that.
    return draft?.over === written ? changeSettings(read, draft.change) : read;
  }, [written, draft]);
  const change = useCallback((next: Change) => {
    const { current } = latest;
    current.pending = { ...current.pending, ...next };
    setDraft({ change: current.pending, over: current.written });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const { pending } = current;
      current.pending = {};
      current.setAddress(writeSettings(pending));
    }, WRITE_MS);
  }, []);
  return [settings, change];
}
