/** What is painted on a plot's canvas beside uPlot's own axes. Places are in the canvas's pixels. */

import uPlot from "uplot";
import { lowerBound } from "./align";
import type { DrawnSeries } from "./drawn";
import type { Palette } from "./palette";
import type { ChartMarker } from "./types";

const DOT_PX = 2.5;
/** Where points have this much room each, each is a dot. */
const DOT_ROOM_PX = 16;

/** A line's path through its own points, one beyond each edge; dots where no line would show them. */
export function tracePath(plot: uPlot, x: Float64Array, y: Float64Array): { line: Path2D; dots: Path2D } {
  const [line, dots] = [new Path2D(), new Path2D()];
  const [first, end] = findShown(plot, x);
  const radius = DOT_PX * uPlot.pxRatio;
  const hasRoom = (end - first) * DOT_ROOM_PX * uPlot.pxRatio < plot.bbox.width;
  const isAt = (at: number) => at >= first && at < end && !Number.isNaN(y[at]);
  for (let at = first; at < end; at++) {
    if (Number.isNaN(y[at])) continue;
    const left = plot.valToPos(x[at] as number, "x", true);
    const top = plot.valToPos(y[at] as number, "y", true);
    const follows = isAt(at - 1);
    if (follows) line.lineTo(left, top);
    else line.moveTo(left, top);
    // The line goes on to the points beyond the edges, which are no dots of this chart.
    if (isShown(plot, x[at] as number) && (hasRoom || !(follows || isAt(at + 1)))) {
      dots.moveTo(left + radius, top);
      dots.arc(left, top, radius, 0, 2 * Math.PI);
    }
  }
  return { line, dots };
}

/** The area between two edges, in stretches without gaps. */
export function traceBand(plot: uPlot, x: Float64Array, low: Float64Array, high: Float64Array): Path2D {
  const area = new Path2D();
  const [first, end] = findShown(plot, x);
  const place = (at: number, edge: Float64Array) =>
    [plot.valToPos(x[at] as number, "x", true), plot.valToPos(edge[at] as number, "y", true)] as const;
  const isAt = (at: number) => at < end && !Number.isNaN(low[at]) && !Number.isNaN(high[at]);
  for (let from = first; from < end; from++) {
    if (!isAt(from)) continue;
    let to = from;
    area.moveTo(...place(from, high));
    while (isAt(to + 1)) area.lineTo(...place(++to, high));
    for (let at = to; at >= from; at--) area.lineTo(...place(at, low));
    area.closePath();
    from = to;
  }
  return area;
}

/** Intervals, and the raw lines of what was smoothed, behind the lines. */
export function paintBehind(
  plot: uPlot,
  { series, x, raw, band, extremes }: DrawnSeries,
  alpha: number,
): void {
  const { ctx } = plot;
  ctx.fillStyle = ctx.strokeStyle = series.color;
  for (const [edges, opacity] of [
    [extremes, 0.09],
    [band, 0.2],
  ] as const) {
    if (edges === null) continue;
    ctx.globalAlpha = opacity * alpha;
    ctx.fill(traceBand(plot, x, edges.low, edges.high));
  }
  if (raw === null) return;
  ctx.globalAlpha = 0.3 * alpha;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.stroke(tracePath(plot, x, raw).line);
}

/** NaN and infinities at the edges, and outliers. */
export function paintMarks(plot: uPlot, one: DrawnSeries, palette: Palette): void {
  const { ctx, bbox } = plot;
  const pixel = uPlot.pxRatio;
  ctx.lineWidth = pixel;
  for (const mark of one.nonfinite) {
    if (!isShown(plot, mark.x)) continue;
    const isUp = mark.kind === "inf";
    const [left, edge] = [plot.valToPos(mark.x, "x", true), isUp ? bbox.top : bbox.top + bbox.height];
    ctx.fillStyle = mark.kind === "NaN" ? palette.warn : palette.worse;
    ctx.strokeStyle = one.series.color;
    ctx.beginPath();
    ctx.moveTo(left - 4 * pixel, edge);
    ctx.lineTo(left + 4 * pixel, edge);
    ctx.lineTo(left, edge + (isUp ? 7 : -7) * pixel);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.strokeStyle = palette.warn;
  for (const at of one.outliers) {
    const [place, value] = [one.x[at] as number, (one.raw ?? one.y)[at] as number];
    if (!isShown(plot, place) || Number.isNaN(value)) continue;
    ctx.beginPath();
    ctx.arc(plot.valToPos(place, "x", true), plot.valToPos(value, "y", true), 5 * pixel, 0, 2 * Math.PI);
    ctx.stroke();
  }
}

/** A remark at a place on the x axis. */
export function paintMarker(plot: uPlot, { x, label, color }: ChartMarker, palette: Palette): void {
  if (!isShown(plot, x)) return;
  const { ctx, bbox } = plot;
  const pixel = uPlot.pxRatio;
  const left = plot.valToPos(x, "x", true);
  ctx.strokeStyle = ctx.fillStyle = color ?? palette.axis;
  ctx.lineWidth = pixel;
  ctx.setLineDash([3 * pixel, 3 * pixel]);
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = `${11 * pixel}px ${palette.font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillText(label, left + 4 * pixel, bbox.top + 11 * pixel);
}

/** Indices of the points on the screen, and one beyond each edge so that lines run to it. */
function findShown(plot: uPlot, x: Float64Array): readonly [first: number, end: number] {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  let end = lowerBound(x, max);
  while (end < x.length && x[end] === max) end += 1;
  return [Math.max(lowerBound(x, min) - 1, 0), Math.min(end + 1, x.length)];
}

function isShown(plot: uPlot, x: number): boolean {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  return x >= min && x <= max;
}
