/** What is drawn of lines under given settings: the same for the screen, for files and for texts. */

import { countOf, formatCount, formatNumber } from "~/format/number";
import { lowerBound } from "./align";
import { findOutliers } from "./outliers";
import { smooth } from "./smoothing";
import type { Band, ChartRange, ChartSeries, MaybeNumbers } from "./types";

export interface DrawOptions {
  smoothing: number;
  xLog: boolean;
  yLog: boolean;
  outliers: boolean;
}

export type NonfiniteKind = "NaN" | "inf" | "-inf";

/** A line as it is drawn. In all of its numbers NaN is a gap. */
export interface DrawnSeries {
  series: ChartSeries;
  x: Float64Array;
  /** The line: smoothed, if that was asked for. */
  y: Float64Array;
  /** What was smoothed, to be drawn faintly behind. */
  raw: Float64Array | null;
  band: { low: Float64Array; high: Float64Array } | null;
  extremes: { low: Float64Array; high: Float64Array } | null;
  nonfinite: readonly { x: number; kind: NonfiniteKind }[];
  /** Indices of points that lie far from their neighbours. */
  outliers: readonly number[];
  /** Points that a logarithmic axis has no place for. */
  nOffScale: number;
}

/** What is drawn of a line. */
export function drawSeries(series: ChartSeries, options: DrawOptions): DrawnSeries {
  const { x, y } = series;
  const kept: number[] = [];
  for (let at = 0; at < x.length; at++) {
    const place = x[at] as number;
    if (Number.isFinite(place) && !(options.xLog && place <= 0)) kept.push(at);
  }
  const isWhole = kept.length === x.length;
  const take = (from: MaybeNumbers) => (isWhole ? from : kept.map((at) => from[at] ?? null));
  const values = take(y);
  const scale = (from: MaybeNumbers) => onScale(from, options.yLog);
  const raw = scale(values);
  const band = (edges: Band | undefined) =>
    edges === undefined ? null : { low: scale(take(edges.low)), high: scale(take(edges.high)) };
  const places = Float64Array.from(take(x) as Float64Array);
  // An interval around a mean would not lie around the smoothed mean.
  const isSmoothed = options.smoothing > 0 && series.band === undefined;
  return {
    series,
    x: places,
    y: isSmoothed ? scale(smooth(values, options.smoothing)) : raw,
    raw: isSmoothed ? raw : null,
    band: band(series.band),
    extremes: band(series.extremes),
    nonfinite: findNonfinite(places, values),
    outliers: options.outliers ? findOutliers(values) : [],
    nOffScale: x.length - kept.length + (options.yLog ? countNotPositive(values) : 0),
  };
}

/** The lowest and highest number drawn within a range of x; `null` if nothing is. */
export function findExtent(drawn: readonly DrawnSeries[], range: ChartRange | null): ChartRange | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x, y, raw, band, extremes } of drawn) {
    const first = range === null ? 0 : lowerBound(x, range[0]);
    const columns = [y, raw, band?.low, band?.high, extremes?.low, extremes?.high];
    for (const column of columns) {
      if (column === null || column === undefined) continue;
      for (let at = first; at < x.length && (range === null || (x[at] as number) <= range[1]); at++) {
        const value = column[at] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return low <= high ? [low, high] : null;
}

/** From the first x to the last. */
export function findSpan(drawn: readonly { x: Float64Array }[]): ChartRange | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x } of drawn) {
    if (x.length === 0) continue;
    low = Math.min(low, x[0] as number);
    high = Math.max(high, x[x.length - 1] as number);
  }
  return low <= high ? [low, high] : null;
}

/** The point of a line nearest to a place on the x axis that has a value; -1 outside of the line. */
export function findNearest({ x, y }: Pick<DrawnSeries, "x" | "y">, place: number, slack: number): number {
  const size = x.length;
  if (size === 0 || place < (x[0] as number) - slack || place > (x[size - 1] as number) + slack) return -1;
  const after = lowerBound(x, place);
  let [left, right] = [after - 1, after];
  while (left >= 0 && Number.isNaN(y[left])) left -= 1;
  while (right < size && Number.isNaN(y[right])) right += 1;
  if (left < 0) return right < size ? right : -1;
  if (right >= size) return left;
  return place - (x[left] as number) < (x[right] as number) - place ? left : right;
}

/** What a reader must know about what is not drawn, in sentences. */
export function noteWhatIsLeftOut(drawn: readonly DrawnSeries[], range: ChartRange | null): string[] {
  const sum = (count: (one: DrawnSeries) => number) => drawn.reduce((total, one) => total + count(one), 0);
  const [nShown, nTotal] = [sum(({ series }) => series.nShown), sum(({ series }) => series.nTotal)];
  const notes: string[] = [];
  const isReduced = nShown < nTotal;
  if (isReduced) {
    const where = drawn.some(({ series }) => series.isOfRange) ? " in this range" : "";
    const about = drawn.some(({ series }) => series.isTotalRough) ? "about " : "";
    const behind = drawn.some(({ series }) => series.isBehind) ? "; newer ones are being read" : "";
    const kept = drawn.some(({ series }) => series.nShown < series.nTotal && !series.isWholeElse)
      ? ", highs and lows kept"
      : "";
    notes.push(
      Number.isFinite(nTotal)
        ? `${formatCount(nShown)} of ${about}${countOf(nTotal, "point")}${where}${kept}${behind}.`
        : `${countOf(nShown, "point")}${where}; finer ones are being read.`,
    );
  }
  if (isReduced && drawn.some(({ raw }) => raw !== null)) notes.push("Smoothed over the points shown.");
  const counted = countNonfinite(drawn, range);
  if (counted !== "") notes.push(`${counted}.`);
  const nOffScale = sum((one) => one.nOffScale);
  if (nOffScale > 0)
    notes.push(`${countOf(nOffScale, "point")} at or below 0, where a logarithmic axis has no place.`);
  const nOutliers = sum(({ outliers }) => outliers.length);
  if (nOutliers > 0)
    notes.push(`${countOf(nOutliers, "outlier")} marked: over 6 robust SD from the median of 11 neighbours.`);
  return notes;
}

/** `3 NaN, 1 inf`; where points were left out only their number is known. */
function countNonfinite(drawn: readonly DrawnSeries[], range: ChartRange | null): string {
  const counts = new Map<NonfiniteKind, number>();
  let unseen = 0;
  for (const { series, nonfinite } of drawn) {
    unseen += Math.max(series.nNonfinite - nonfinite.length, 0);
    for (const { kind, x } of nonfinite)
      if (range === null || (x >= range[0] && x <= range[1])) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const parts = [...counts].map(([kind, count]) => `${formatCount(count)} ${kind}`);
  if (unseen > 0) parts.push(`${formatCount(unseen)} NaN or infinite among those not drawn`);
  return parts.join(", ");
}

/** A chart in words, for those who do not see it. */
export function describeChart(title: string, drawn: readonly DrawnSeries[]): string {
  const lines = drawn.slice(0, 10).map(({ series, y, raw }) => {
    const finite = (raw ?? y).filter(Number.isFinite);
    if (finite.length === 0) return `${series.label}: no values`;
    const extent = finite.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)] as const, [
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ] as readonly [number, number]);
    const [first, last] = [finite[0], finite[finite.length - 1]];
    return `${series.label}: first ${formatNumber(first)}, last ${formatNumber(last)}, lowest ${formatNumber(extent[0])}, highest ${formatNumber(extent[1])}`;
  });
  const more =
    drawn.length > lines.length ? `. And ${countOf(drawn.length - lines.length, "more line")}` : "";
  return `${title}, ${countOf(drawn.length, "line")}. ${lines.join(". ")}${more}.`;
}

function onScale(values: MaybeNumbers, isLog: boolean): Float64Array {
  const scaled = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? Number.NaN;
    scaled[at] = Number.isFinite(value) && !(isLog && value <= 0) ? value : Number.NaN;
  }
  return scaled;
}

function findNonfinite(x: Float64Array, values: MaybeNumbers): { x: number; kind: NonfiniteKind }[] {
  const found: { x: number; kind: NonfiniteKind }[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === null || value === undefined || Number.isFinite(value)) continue;
    found.push({ x: x[at] as number, kind: Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf" });
  }
  return found;
}

function countNotPositive(values: MaybeNumbers): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value !== null && value !== undefined && Number.isFinite(value) && value <= 0) count += 1;
  }
  return count;
}
