/**
 * Charts of the app.
 *
 * `CurveChart` fetches and follows curves of runs; `LineChart` draws lines that are at hand; `Sparkline` is
 * small enough for a table's row; `EChart` draws everything else. `useChartSettings` and `ChartToolbar` keep
 * and change how curves are drawn, in the address.
 */

export { ChartToolbar } from "./ChartToolbar";
export { CurveChart, type CurveChartProps } from "./CurveChart";
export { EChart, type EChartProps } from "./EChart";
export { LineChart, type LineChartProps } from "./LineChart";
export { type Palette, usePalette } from "./palette";
export { Sparkline } from "./Sparkline";
export { DEFAULT_SETTINGS } from "./settings";
export type {
  Band,
  ChartMarker,
  ChartRange,
  ChartRun,
  ChartSeries,
  ChartSettings,
  XKind,
} from "./types";
export { useChartSettings } from "./useChartSettings";
