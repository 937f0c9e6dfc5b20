import { useEffect, useMemo, useRef } from "react";
import type uPlot from "uplot";
import { findSpan } from "./drawn";
import { type Frame, signFrame } from "./frame";
import { bindGestures, type GestureTarget } from "./gestures";
import type { Palette } from "./palette";
import { highlightLine, makePlot, type PlotState, showLines, showRange, updatePlot } from "./plot";
import type { ChartMarker, ChartRange, XKind } from "./types";

interface PlotProps {
  frame: Frame;
  range: ChartRange | null;
  show: (range: ChartRange | null) => void;
  xKind: XKind;
  xLog: boolean;
  yLog: boolean;
  width: number;
  height: number;
  palette: Palette;
  syncKey: string | undefined;
  hidden: ReadonlySet<string>;
  highlighted: string | null;
  markers: readonly ChartMarker[];
  onCursor: (plot: uPlot) => void;
}

/** The measure of the browser under which each drawing is noted: from the data to the pixels. */
export const DRAW_MEASURE = "modellab.chart.draw";

/** A plot in `place`: made anew when its lines or scales are others, given new points otherwise. */
export function usePlot(place: React.RefObject<HTMLDivElement | null>, props: PlotProps): GestureTarget {
  const { frame, range, xKind, xLog, yLog, width, height, palette, syncKey, hidden, markers } = props;
  const plot = useRef<uPlot | null>(null);
  const state = useRef<PlotState>({ frame, range, markers });
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
    Object.assign(state.current, { frame: props.frame, range: props.range, markers: props.markers });
  });
  const target = useMemo<GestureTarget>(
    () => ({
      range: () => latest.current.range ?? findSpan(latest.current.frame.drawn) ?? [0, 1],
      span: () => findSpan(latest.current.frame.drawn),
      isLog: () => latest.current.xLog,
      show: (next) => latest.current.show(next),
    }),
    [],
  );
  const signature = signFrame(frame);
  const isSized = width > 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the lines; the rest follows below
  useEffect(() => {
    if (place.current === null || !isSized) return;
    const start = performance.now();
    const { current } = latest;
    const made = makePlot(place.current, {
      ...current,
      state: state.current,
      onSelect: (next) => latest.current.show(next),
      onCursor: (self) => latest.current.onCursor(self),
    });
    measure(made, start);
    plot.current = made;
    const unbind = bindGestures(made, target);
    return () => {
      unbind();
      made.destroy();
      plot.current = null;
    };
  }, [signature, xKind, xLog, yLog, palette, syncKey, isSized]);

  useEffect(() => {
    const { current } = plot;
    if (current === null || current.data === frame.data) return;
    const start = performance.now();
    state.current.frame = frame;
    updatePlot(current, state.current, xLog);
    measure(current, start);
  }, [frame, xLog]);
  useEffect(() => {
    if (plot.current !== null) showRange(plot.current, { ...state.current, range }, xLog);
  }, [range, xLog]);
  useEffect(() => {
    if (plot.current !== null && width > 0) plot.current.setSize({ width, height });
  }, [width, height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot made anew is told again
  useEffect(() => {
    if (plot.current !== null) showLines(plot.current, state.current.frame, hidden);
  }, [hidden, signature]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: markers are read when it draws
  useEffect(() => plot.current?.redraw(false), [markers]);
  useEffect(() => {
    if (plot.current !== null) highlightLine(plot.current, state.current.frame, props.highlighted);
  }, [props.highlighted]);
  return target;
}

/** uPlot draws at the end of the turn. */
function measure(plot: uPlot, start: number): void {
  queueMicrotask(() => {
    performance.clearMeasures(DRAW_MEASURE);
    performance.measure(DRAW_MEASURE, { start, detail: { columns: plot.series.length - 1 } });
  });
}
