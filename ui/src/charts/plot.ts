/** A plot of uPlot: its axes, its lines, its cursor. */

import uPlot from "uplot";
import { type DrawnSeries, findExtent, findNearest, findSpan } from "./drawn";
import type { Frame } from "./frame";
import { paintBehind, paintMarker, paintMarks, tracePath } from "./paint";
import type { Palette } from "./palette";
import { labelTicks, labelXTicks, makeTicks, makeXTicks, padRange } from "./ticks";
import type { ChartMarker, ChartRange, XKind } from "./types";

/** What a plot reads each time it draws; changed in place, so that the plot need not be made anew. */
export interface PlotState {
  frame: Frame;
  range: ChartRange | null;
  markers: readonly ChartMarker[];
  hidden: ReadonlySet<string>;
  /** The key of the line that stands out. */
  highlighted: string | null;
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
  onSelect: (range: ChartRange) => void;
  onCursor: (plot: uPlot) => void;
}

/** The browser's measure of the newest drawing, whichever chart's it was. */
export const DRAW_MEASURE = "modellab.chart.draw";
const SLACK_PX = 8;
const FADED = 0.2;

export function makePlot(place: HTMLElement, options: PlotOptions): uPlot {
  const { state, width, height, yLog, xLog, xKind } = options;
  const plot = new uPlot(
    {
      width,
      height,
      legend: { show: false },
      padding: [8, xKind === "time" ? 40 : 20, 0, 0], // half a label fits beside the last tick
      scales: {
        x: { time: false, distr: xLog ? 3 : 1, range: (_, low, high) => widen(low, high, xLog) },
        y: { distr: yLog ? 3 : 1, range: () => findHeights(state, yLog) },
      },
      series: [{}, ...state.frame.drawn.map(({ series }, line) => makeSeries(series, line, state))],
      axes: [makeXAxis(options), makeYAxis(options)],
      cursor: makeCursor(options),
      hooks: makeHooks(options),
    },
    state.frame.data,
    place,
  );
  showLines(plot, state);
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
export function showRange(plot: uPlot, state: PlotState, xLog: boolean): void {
  const [low, high] = state.range ?? findSpan(listShown(state)) ?? [Number.NaN, Number.NaN];
  const [min, max] = widen(low, high, xLog);
  plot.setScale("x", { min, max });
}

/** Show the lines that are not hidden, and make the one stand out that is to. */
export function showLines(plot: uPlot, { frame, hidden, highlighted }: PlotState): void {
  frame.drawn.forEach(({ series: { key } }, line) => {
    const series = plot.series[line + 1];
    if (series === undefined) return;
    series.show = !hidden.has(key);
    series.alpha = highlighted === null || highlighted === key ? 1 : FADED;
  });
}

function widen(low: number | null, high: number | null, isLog: boolean): [number, number] {
  if (low !== null && high !== null && low < high) return [low, high];
  return [...padRange(low ?? Number.NaN, high ?? Number.NaN, isLog)];
}

/** The lines that are not hidden; the axes are as long and as high as these. */
export function listShown({ frame, hidden }: Pick<PlotState, "frame" | "hidden">): DrawnSeries[] {
  return frame.drawn.filter(({ series }) => !hidden.has(series.key));
}

function findHeights(state: PlotState, yLog: boolean): [number, number] {
  const extent = findExtent(listShown(state), state.range);
  return [...padRange(extent?.[0] ?? Number.NaN, extent?.[1] ?? Number.NaN, yLog)];
}

function makeSeries({ color, dash }: DrawnSeries["series"], line: number, state: PlotState): uPlot.Series {
  return {
    stroke: color,
    width: 1.5,
    auto: false,
    ...(dash.length === 0 ? {} : { dash: [...dash] }),
    // Through the line's own points: uPlot would walk through those of all lines for each.
    paths: (plot) => {
      const { x, y } = state.frame.drawn[line] as DrawnSeries;
      return { stroke: tracePath(plot, x, y).line, fill: null, clip: null, band: null, gaps: [], flags: 0 };
    },
    points: {
      show: true,
      size: 5,
      fill: color,
      stroke: color,
      dash: [],
      paths: (plot) => {
        const { x, y } = state.frame.drawn[line] as DrawnSeries;
        return { stroke: null, fill: tracePath(plot, x, y).dots, clip: null, flags: 0 };
      },
    },
  };
}

function makeHooks({ state, palette, onSelect, onCursor }: PlotOptions): uPlot.Hooks.Arrays {
  const within = (plot: uPlot, paint: (one: DrawnSeries, alpha: number) => void) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    state.frame.drawn.forEach((one, line) => {
      const { show, alpha = 1 } = plot.series[line + 1] ?? {};
      if (show) paint(one, alpha);
    });
    ctx.restore();
  };
  return {
    drawClear: [() => void performance.mark(DRAW_MEASURE)],
    drawAxes: [(plot) => within(plot, (one, alpha) => paintBehind(plot, one, alpha))],
    draw: [
      (plot) => within(plot, (one) => paintMarks(plot, one, palette)),
      (plot) => {
        plot.ctx.save();
        for (const marker of state.markers) paintMarker(plot, marker, palette);
        plot.ctx.restore();
      },
      noteDrawing,
    ],
    setCursor: [onCursor],
    setSelect: [
      (plot) => {
        const { left, width } = plot.select;
        if (width < 4) return;
        onSelect([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ],
  };
}

function noteDrawing(plot: uPlot): void {
  performance.clearMeasures(DRAW_MEASURE);
  performance.measure(DRAW_MEASURE, { start: DRAW_MEASURE, detail: { lines: plot.series.length - 1 } });
  performance.clearMarks(DRAW_MEASURE);
}

/**
 * A step that uPlot accepts: of ranges beyond its own steps, which end at 5e32, it would draw no axis. Where
 * the ticks are is chosen by `splits`.
 */
function anyStep(_: uPlot, __: number, low: number, high: number): number[] {
  return [Math.max(high - low, 5)];
}

function makeXAxis({ xKind, xLog, palette }: PlotOptions): uPlot.Axis {
  return {
    stroke: palette.axis,
    font: `12px ${palette.font}`,
    size: xKind === "time" ? 40 : 28,
    space: 90,
    incrs: anyStep,
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
    incrs: anyStep,
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
      const one = state.frame.drawn[at - 1];
      if (one === undefined) return null;
      const slack = Math.abs(plot.posToVal(SLACK_PX, "x") - plot.posToVal(0, "x"));
      const nearest = findNearest(one, value, slack);
      return nearest < 0 ? null : (state.frame.slots[at - 1]?.[nearest] ?? null);
    },
    ...(syncKey === undefined
      ? {}
      : { sync: { key: syncKey, setSeries: false, scales: ["x", null], filters: { pub: isOfMouse } } }),
  };
}
