/** What charts are given. `index.ts` says which components take it. */

/** What the x axis is: a step, the clock (seconds since 1970), seconds since the run began, another metric. */
export type XKind = "step" | "time" | "elapsed" | "metric";

/** A part of the x axis, in its units. */
export type ChartRange = readonly [from: number, to: number];

export type Numbers = Float64Array | readonly number[];
export type MaybeNumbers = Float64Array | readonly (number | null)[];

/** The lower and upper edge of something around a line, one for each of its points. */
export interface Band {
  low: MaybeNumbers;
  high: MaybeNumbers;
}

/** One line. `x` ascends; `y` may hold NaN and infinities, which are drawn as marks; `null` is a gap. */
export interface ChartSeries {
  /** Tells it from the others of the chart; a run's id for a run. */
  key: string;
  label: string;
  /** Of `stylesOf(keys)`, so that a run has the same colour everywhere. */
  color: string;
  dash: readonly number[];
  x: Numbers;
  y: MaybeNumbers;
  /** The step of each point, where x is something else; for the CSV and the table. */
  steps?: Numbers;
  /** Points that stand for all: how many are drawn of how many there are; infinity if that is not known yet. */
  nShown: number;
  nTotal: number;
  /** Newer points are known of that were not read yet. */
  isBehind?: boolean;
  /** Nothing but those newer points is left out. */
  isWholeElse?: boolean;
  /** `nShown` and `nTotal` are of the part of the axis that is shown. */
  isOfRange?: boolean;
  /** `nTotal` also counts some points just outside. */
  isTotalRough?: boolean;
  /** How many of all are NaN or infinite, drawn or not. */
  nNonfinite: number;
  /** An interval around the line, such as a mean's. */
  band?: Band;
  /** A fainter one, such as lowest and highest of a group. */
  extremes?: Band;
}

/** A remark at a place on the x axis. */
export interface ChartMarker {
  x: number;
  label: string;
  color?: string;
}

/** How curves are to be drawn; `useChartSettings` keeps it in the address. */
export interface ChartSettings {
  xKind: XKind;
  /** The metric on the x axis, if `xKind` is "metric". */
  xMetric: string;
  xLog: boolean;
  yLog: boolean;
  /** Weight of what was before in the running mean, 0 (none) to 0.99. */
  smoothing: number;
  /** Mark the points that lie far from their neighbours. */
  outliers: boolean;
  range: ChartRange | null;
}

/** A run whose curve is drawn. */
export interface ChartRun {
  run_id: string;
  name?: string | null;
  /** For x = elapsed: when the run began, as the API writes it. Without it, the first point's time. */
  started_at?: string | null;
  /** Overrides the run's own colour and dash, for charts that show metrics of one run as its lines. */
  color?: string;
  dash?: readonly number[];
}
