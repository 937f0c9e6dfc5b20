import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { useSetAddress } from "~/state/address";
import { readSettings, SETTING_NAMES, writeSettings } from "./settings";
import type { ChartSettings } from "./types";

/** How curves are drawn, kept in the address so that a link shows the same; `change` takes what differs. */
export function useChartSettings(): [ChartSettings, (change: Partial<ChartSettings>) => void] {
  const [params] = useSearchParams();
  const setAddress = useSetAddress();
  const written = SETTING_NAMES.map((name) => params.get(name) ?? "").join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: other parts of the address do not change it
  const settings = useMemo(() => readSettings((name) => params.get(name)), [written]);
  const change = useCallback((next: Partial<ChartSettings>) => setAddress(writeSettings(next)), [setAddress]);
  return [settings, change];
}
