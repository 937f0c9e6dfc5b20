/** A plot of uPlot: its axes, lines, bands and marks. */

import uPlot from "uplot";
import { type DrawnSeries, findNearest, findSpan } from "./drawn";
import type { Frame, FrameColumn } from "./frame";
import type { Palette } from "./palette";
import { labelTicks, labelXTicks, makeTicks, makeXTicks, padRange } from "./ticks";
import type { ChartMarker, ChartRange, XKind } from "./types";

/** What a plot reads each time it draws; changed in place, so that the plot need not be made anew. */
export interface PlotState {
  frame: Frame;
  range: ChartRange | null;
  markers: readonly ChartMarker[];
}

export interface PlotOptions {
  state: PlotState;
  xKind: XKind;
  xLog: boolean;
  yLog: boolean;
  width: number;
  height: number;
  palette: Palette;
  syncKey: string | undefined;
  hidden: ReadonlySet<string>;
  onSelect: (range: ChartRange) => void;
  onCursor: (plot: uPlot) => void;
}

const SLACK_PX = 8;
const RAW_ALPHA = 0.3;

export function makePlot(place: HTMLElement, options: PlotOptions): uPlot {
  const { state, palette, width, height, yLog, xLog } = options;
  const { columns, drawn } = state.frame;
  const plot = new uPlot(
    {
      width,
      height,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      scales: {
        x: { time: false, distr: xLog ? 3 : 1, range: (_, low, high) => widen(low, high, xLog) },
        y: {
          distr: yLog ? 3 : 1,
          range: (_, low, high) => [...padRange(low ?? Number.NaN, high ?? Number.NaN, yLog)],
        },
      },
      series: [{}, ...columns.map((column) => makeSeries(column, drawn, options.hidden))],
      bands: makeBands(columns, drawn),
      axes: [makeXAxis(options), makeYAxis(options)],
      cursor: makeCursor(options),
      hooks: {
        draw: [(self) => drawMarks(self, state, palette)],
        setCursor: [options.onCursor],
        setSelect: [
          (self) => {
            const { left, width: wide } = self.select;
            if (wide < 4) return;
            options.onSelect([self.posToVal(left, "x"), self.posToVal(left + wide, "x")]);
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    state.frame.data,
    place,
  );
  showRange(plot, state, xLog);
  return plot;
}

/** Give a plot new points; the part of the axis that is shown stays. */
export function updatePlot(plot: uPlot, state: PlotState, xLog: boolean): void {
  plot.batch(() => {
    plot.setData(state.frame.data, false);
    showRange(plot, state, xLog);
  });
}

/** Show the part of the x axis that the state asks for, or all of it. */
export function showRange(plot: uPlot, { frame, range }: PlotState, xLog: boolean): void {
  const [low, high] = range ?? findSpan(frame.drawn) ?? [Number.NaN, Number.NaN];
  const [min, max] = widen(low, high, xLog);
  plot.setScale("x", { min, max });
}

/** Show the lines that are not hidden. */
export function showLines(plot: uPlot, { columns, drawn }: Frame, hidden: ReadonlySet<string>): void {
  plot.batch(() => {
    columns.forEach(({ line }, at) => {
      const show = !hidden.has((drawn[line] as DrawnSeries).series.key);
      if (plot.series[at + 1]?.show !== show) plot.setSeries(at + 1, { show }, false);
    });
  });
}

/** Make one line stand out from the others; `null` makes all alike again. */
export function highlightLine(plot: uPlot, { columns, drawn }: Frame, key: string | null): void {
  columns.forEach(({ role, line }, at) => {
    const series = plot.series[at + 1];
    if (series === undefined || (role !== "line" && role !== "raw")) return;
    const isOther = key !== null && (drawn[line] as DrawnSeries).series.key !== key;
    series.alpha = (role === "raw" ? RAW_ALPHA : 1) * (isOther ? 0.2 : 1);
  });
  plot.redraw(false);
}

function widen(low: number | null, high: number | null, isLog: boolean): [number, number] {
  if (low !== null && high !== null && low < high) return [low, high];
  return [...padRange(low ?? Number.NaN, high ?? Number.NaN, isLog)];
}

function makeSeries(
  { role, line }: FrameColumn,
  drawn: readonly DrawnSeries[],
  hidden: ReadonlySet<string>,
): uPlot.Series {
  const { key, color, dash } = (drawn[line] as DrawnSeries).series;
  const show = !hidden.has(key);
  // The edges are there for the band between them only.
  if (role !== "line" && role !== "raw") return { show, stroke: color, width: 0, points: { show: false } };
  const isRaw = role === "raw";
  return {
    show,
    stroke: color,
    width: isRaw ? 1 : 1.5,
    alpha: isRaw ? RAW_ALPHA : 1,
    ...(isRaw || dash.length === 0 ? {} : { dash: [...dash] }),
    points: isRaw
      ? { show: false }
      : { size: 5, fill: color, stroke: color, show: hasRoom, filter: findLonely },
  };
}

/** All points are drawn where they are few; otherwise only those without neighbours, which no line shows. */
function hasRoom(plot: uPlot, at: number, first: number, last: number): boolean {
  let count = 0;
  const column = plot.data[at] as ArrayLike<number | null | undefined>;
  for (let i = first; i <= last && count < 1000; i++) if (typeof column[i] === "number") count += 1;
  return count * 16 < plot.width;
}

function findLonely(plot: uPlot, at: number, hasRoomForAll: boolean): number[] | null {
  if (hasRoomForAll) return null;
  const column = plot.data[at] as ArrayLike<number | null | undefined>;
  const found: number[] = [];
  let [before, last] = [null as number | null, -1];
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (value === undefined) continue;
    if (value === null) {
      if (last >= 0 && before === null) found.push(last);
      [before, last] = [null, -1];
    } else {
      if (last >= 0) before = last;
      last = i;
    }
  }
  if (last >= 0 && before === null) found.push(last);
  return found;
}

function makeBands(columns: readonly FrameColumn[], drawn: readonly DrawnSeries[]): uPlot.Band[] {
  return columns.flatMap(({ role, line }, at) => {
    if (role !== "bandHigh" && role !== "extremesHigh") return [];
    const opacity = role === "bandHigh" ? "30" : "16"; // hexadecimal alpha
    const fill = `${(drawn[line] as DrawnSeries).series.color}${opacity}`;
    return [{ series: [at + 1, at + 2] as [number, number], fill }];
  });
}

function makeXAxis({ xKind, xLog, palette }: PlotOptions): uPlot.Axis {
  return {
    stroke: palette.axis,
    font: `12px ${palette.font}`,
    size: xKind === "time" ? 40 : 28,
    space: 90,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { stroke: palette.grid, width: 1, size: 4 },
    splits: (plot, _, low, high) =>
      makeXTicks(xKind, low, high, Math.max(2, plot.bbox.width / uPlot.pxRatio / 90), xLog),
    values: (_, splits) => labelXTicks(xKind, splits),
    // uPlot leaves out some ticks of logarithmic axes itself; these are few already.
    filter: (_, splits) => splits,
  };
}

function makeYAxis({ yLog, palette }: PlotOptions): uPlot.Axis {
  return {
    stroke: palette.axis,
    font: `12px ${palette.font}`,
    size: (_, values) => 18 + 6.8 * Math.max(4, ...(values ?? []).map((text) => text?.length ?? 0)),
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
    gap: 6,
    splits: (plot, _, low, high) =>
      makeTicks(low, high, Math.max(2, plot.bbox.height / uPlot.pxRatio / 40), yLog),
    values: (_, splits) => labelTicks(splits),
    filter: (_, splits) => splits,
  };
}

function makeCursor({ state, syncKey, palette }: PlotOptions): uPlot.Cursor {
  const isOfMouse = (type: string) => type === "mousemove" || type === "mouseleave";
  return {
    y: false,
    drag: { x: true, y: false, setScale: false, dist: 4 },
    points: { size: 7, width: 1.5, stroke: palette.surface },
    // Each line's own nearest point, and none where the line has not begun or has ended.
    dataIdx: (plot, at, closest, value) => {
      if (at === 0) return closest;
      const column = state.frame.columns[at - 1];
      if (column === undefined || column.role !== "line") return null;
      const slack = Math.abs(plot.posToVal(SLACK_PX, "x") - plot.posToVal(0, "x"));
      const nearest = findNearest(state.frame.drawn[column.line] as DrawnSeries, value, slack);
      return nearest < 0 ? null : (state.frame.slots[column.line]?.[nearest] ?? null);
    },
    ...(syncKey === undefined
      ? {}
      : { sync: { key: syncKey, setSeries: false, scales: ["x", null], filters: { pub: isOfMouse } } }),
  };
}

/** NaN and infinities at the edges, outliers, and the caller's markers. */
function drawMarks(plot: uPlot, { frame, markers }: PlotState, palette: Palette): void {
  const { ctx, bbox } = plot;
  const pixel = uPlot.pxRatio;
  const [min, max] = [plot.scales.x?.min ?? 0, plot.scales.x?.max ?? 0];
  const isShown = (x: number) => x >= min && x <= max;
  ctx.save();
  ctx.lineWidth = pixel;
  for (const { x, label, color } of markers) {
    if (!isShown(x)) continue;
    const left = plot.valToPos(x, "x", true);
    ctx.strokeStyle = ctx.fillStyle = color ?? palette.axis;
    ctx.setLineDash([3 * pixel, 3 * pixel]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.font = `${11 * pixel}px ${palette.font}`;
    ctx.textAlign = "left";
    ctx.fillText(label, left + 4 * pixel, bbox.top + 11 * pixel);
  }
  const shown = frame.columns.flatMap(({ role, line }, at) =>
    role === "line" && plot.series[at + 1]?.show ? [frame.drawn[line] as DrawnSeries] : [],
  );
  for (const { series, x, y, raw, nonfinite, outliers } of shown) {
    for (const mark of nonfinite) {
      if (!isShown(mark.x)) continue;
      const isUp = mark.kind === "inf";
      const [left, edge] = [plot.valToPos(mark.x, "x", true), isUp ? bbox.top : bbox.top + bbox.height];
      ctx.fillStyle = mark.kind === "NaN" ? palette.warn : palette.worse;
      ctx.strokeStyle = series.color;
      ctx.beginPath();
      ctx.moveTo(left - 4 * pixel, edge);
      ctx.lineTo(left + 4 * pixel, edge);
      ctx.lineTo(left, edge + (isUp ? 7 : -7) * pixel);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
    ctx.strokeStyle = palette.warn;
    for (const at of outliers) {
      const value = (raw ?? y)[at] as number;
      if (!isShown(x[at] as number) || Number.isNaN(value)) continue;
      ctx.beginPath();
      ctx.arc(plot.valToPos(x[at] as number, "x", true), plot.valToPos(value, "y", true), 5 * pixel, 0, 7);
      ctx.stroke();
    }
  }
  ctx.restore();
}
