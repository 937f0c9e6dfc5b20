import { useEffect, useMemo, useRef } from "react";
import type uPlot from "uplot";
import { findSpan } from "./drawn";
import { type Frame, signFrame } from "./frame";
import { bindGestures, type GestureTarget } from "./gestures";
import type { Palette } from "./palette";
import { listShown, makePlot, type PlotState, showLines, showRange, updatePlot } from "./plot";
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

/** A plot in `place`: made anew when its lines or scales are others, given new points otherwise. */
export function usePlot(place: React.RefObject<HTMLDivElement | null>, props: PlotProps): GestureTarget {
  const { frame, range, xKind, xLog, yLog, width, height, palette, syncKey } = props;
  const { markers, hidden, highlighted } = props;
  const plot = useRef<uPlot | null>(null);
  const state = useRef<PlotState>({ frame, range, markers, hidden, highlighted });
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
    Object.assign(state.current, { frame, range, markers, hidden, highlighted });
  });
  const target = useMemo<GestureTarget>(
    () => ({
      range: () => latest.current.range ?? findSpan(listShown(latest.current)) ?? [0, 1],
      span: () => findSpan(listShown(latest.current)),
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
    const { current } = latest;
    const made = makePlot(place.current, {
      ...current,
      state: state.current,
      onSelect: (next) => latest.current.show(next),
      onCursor: (self) => latest.current.onCursor(self),
    });
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
    updatePlot(current, state.current, xLog);
  }, [frame, xLog]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state holds them
  useEffect(() => {
    if (plot.current !== null) showLines(plot.current, state.current);
  }, [hidden, highlighted]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: hidden lines do not count for the height
  useEffect(() => {
    if (plot.current !== null) showRange(plot.current, state.current, xLog);
  }, [range, hidden, xLog]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is read when it draws
  useEffect(() => plot.current?.redraw(false), [markers, highlighted]);
  useEffect(() => {
    if (plot.current !== null && width > 0) plot.current.setSize({ width, height });
  }, [width, height]);
  return target;
}
