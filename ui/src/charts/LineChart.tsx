import type { ChartMarker, ChartRange, ChartSeries, XKind } from "./types";

export interface LineChartProps {
  series: readonly ChartSeries[];
  title: string;
  xKind?: XKind;
  /** The name of the x axis; by default that of its kind. */
  xLabel?: string;
  xLog?: boolean;
  yLog?: boolean;
  /** Weight of what was before in the running mean, 0 (none) to 0.99; the raw line stays visible behind. */
  smoothing?: number;
  /** Mark the points that lie far from their neighbours. */
  outliers?: boolean;
  height?: number;
  /** Charts with the same key share the cursor, and the zoom unless `range` is given. */
  syncKey?: string;
  /** The part of the x axis that is shown; `null` for all. Without `onRange` the chart keeps it itself. */
  range?: ChartRange | null;
  onRange?: (range: ChartRange | null) => void;
  markers?: readonly ChartMarker[];
  /** Finer or newer points are on their way; what is there stays. */
  loading?: boolean;
  /** All points, for the CSV; without it the CSV has what is shown, and says so. */
  onFullData?: (signal: AbortSignal) => Promise<readonly ChartSeries[]>;
  /** Keys of the lines that are hidden, if the caller keeps them. */
  hidden?: ReadonlySet<string>;
  onHidden?: (hidden: ReadonlySet<string>) => void;
}

export function LineChart({ title, height = 240 }: LineChartProps) {
  return <figure aria-label={title} style={{ height, margin: 0 }} />;
}
