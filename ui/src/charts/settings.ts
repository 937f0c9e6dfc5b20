/** How curves are drawn, as texts of the address. */

import type { ChartRange, ChartSettings, XKind } from "./types";

export const DEFAULT_SETTINGS: ChartSettings = {
  xKind: "step",
  xMetric: "",
  xLog: false,
  yLog: false,
  smoothing: 0,
  outliers: false,
  range: null,
};

export const MAX_SMOOTHING = 0.99;

/** Their names in the address. */
export const SETTING_NAMES = ["x", "xmetric", "logx", "logy", "smooth", "outliers", "range"] as const;
type Name = (typeof SETTING_NAMES)[number];
type Written = Partial<Record<Name, string | null>>;

/** Settings from the address; what is not understood is the default. */
export function readSettings(get: (name: Name) => string | null): ChartSettings {
  const x = get("x");
  const smoothing = Number(get("smooth") ?? 0);
  const xMetric = get("xmetric") ?? "";
  const isX = (text: string | null): text is XKind => text === "time" || text === "elapsed";
  return {
    xKind: xMetric !== "" ? "metric" : isX(x) ? x : "step",
    xMetric,
    xLog: get("logx") === "1",
    yLog: get("logy") === "1",
    smoothing: smoothing > 0 ? Math.min(smoothing, MAX_SMOOTHING) : 0,
    outliers: get("outliers") === "1",
    range: readRange(get("range")),
  };
}

/** Settings with a change; one of what x is forgets the range, which was in other units. */
export function changeSettings(settings: ChartSettings, change: Partial<ChartSettings>): ChartSettings {
  const isOtherX = change.xKind !== undefined || change.xMetric !== undefined;
  return { ...settings, ...(isOtherX ? { range: null } : {}), ...change };
}

/** A change of settings as a change of the address; `null` removes a name. */
export function writeSettings(change: Partial<ChartSettings>): Written {
  const written: Written = {};
  if (change.xKind !== undefined || change.xMetric !== undefined) {
    const isMetric = change.xKind === undefined ? change.xMetric !== "" : change.xKind === "metric";
    written.x = !isMetric && change.xKind !== "step" ? (change.xKind ?? null) : null;
    written.xmetric = isMetric ? (change.xMetric ?? null) : null;
    written.range = null;
  }
  if (change.xLog !== undefined) written.logx = change.xLog ? "1" : null;
  if (change.yLog !== undefined) written.logy = change.yLog ? "1" : null;
  if (change.smoothing !== undefined) written.smooth = change.smoothing > 0 ? `${change.smoothing}` : null;
  if (change.outliers !== undefined) written.outliers = change.outliers ? "1" : null;
  if (change.range !== undefined) written.range = writeRange(change.range);
  return written;
}

function readRange(text: string | null): ChartRange | null {
  const [from, to, ...more] = (text ?? "")
    .split("..")
    .map((part) => (part === "" ? Number.NaN : Number(part)));
  const isRange = more.length === 0 && Number.isFinite(from) && Number.isFinite(to);
  return isRange && (from as number) < (to as number) ? [from as number, to as number] : null;
}

function writeRange(range: ChartRange | null): string | null {
  if (range === null) return null;
  const digits = Math.max(0, Math.min(20, 4 - Math.floor(Math.log10(range[1] - range[0]))));
  const short = (value: number) => (digits === 20 ? `${value}` : `${Number(value.toFixed(digits))}`);
  return `${short(range[0])}..${short(range[1])}`;
}
