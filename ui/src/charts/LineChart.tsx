import { Modal } from "@mantine/core";
import { useDisclosure, useElementSize } from "@mantine/hooks";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { ChartMenu } from "./ChartMenu";
import classes from "./charts.module.css";
import { type DrawnSeries, describeChart, drawSeries, findNearest, noteWhatIsLeftOut } from "./drawn";
import { makeFrame } from "./frame";
import { pressKey } from "./gestures";
import { Legend } from "./Legend";
import { PointTable } from "./PointTable";
import { usePalette } from "./palette";
import { findNonfiniteAt, readValues, writeTexts } from "./readout";
import { labelX } from "./ticks";
import type { ChartMarker, ChartRange, ChartSeries, XKind } from "./types";
import { useDraftRange, useKeptRange } from "./useChartRange";
import { usePlot } from "./usePlot";

export interface LineChartProps {
  /** Keep the array's identity while nothing changes. */
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
  /** What else is to be said under the chart, such as how lines were made. */
  notes?: readonly string[];
}

const X_LABELS: Record<XKind, string> = {
  step: "Step",
  time: "Clock time",
  elapsed: "Time since start",
  metric: "Metric",
};
/** A picture of a chart that is small on the page still has room for its words. */
const MIN_PICTURE_PX = 640;
const NO_MARKERS: readonly ChartMarker[] = [];
const NO_NOTES: readonly string[] = [];
const NONE_HIDDEN: ReadonlySet<string> = new Set();

/** Lines over one x axis: zoom, read, hide, save, or open as a table or on the full screen. */
export function LineChart(props: LineChartProps) {
  const { title, series, xKind = "step", syncKey, onHidden } = props;
  const [isLarge, large] = useDisclosure(false);
  const [isTable, table] = useDisclosure(false);
  const [ownHidden, setOwnHidden] = useState(NONE_HIDDEN);
  const [range, show] = useDraftRange(
    ...useKeptRange({ range: props.range, onRange: props.onRange, syncKey, xKind }),
  );
  const drawn = useDrawn(series, props);
  const shared = {
    ...props,
    drawn,
    range,
    show,
    xKind,
    xLabel: props.xLabel ?? X_LABELS[xKind],
    hidden: props.hidden ?? ownHidden,
    onHidden: onHidden ?? setOwnHidden,
    onTable: table.open,
  };
  // Both are made when they are opened: a page may have hundreds of charts.
  return (
    <>
      <ChartFigure {...shared} onFullScreen={large.open} />
      {isLarge && (
        <Modal opened onClose={large.close} title={title} fullScreen>
          <ChartFigure {...shared} height={Math.max(window.innerHeight - 230, 240)} />
        </Modal>
      )}
      {isTable && (
        <Modal opened onClose={table.close} title={title} size="auto">
          <PointTable drawn={drawn} xKind={xKind} xLabel={shared.xLabel} range={range} />
        </Modal>
      )}
    </>
  );
}

interface ChartFigureProps extends LineChartProps {
  drawn: readonly DrawnSeries[];
  range: ChartRange | null;
  show: (range: ChartRange | null) => void;
  xKind: XKind;
  xLabel: string;
  hidden: ReadonlySet<string>;
  onHidden: (hidden: ReadonlySet<string>) => void;
  onTable: () => void;
  onFullScreen?: () => void;
}

function ChartFigure(props: ChartFigureProps) {
  const { title, drawn, range, xKind, xLabel, hidden, onHidden, height = 240, loading = false } = props;
  const { xLog, yLog } = scalesOf(props);
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const values = useRef(new Map<string, HTMLElement>());
  const readout = useRef<HTMLSpanElement>(null);
  const [highlighted, highlight] = useState<string | null>(null);
  const palette = usePalette();
  const frame = useMemo(() => makeFrame(drawn), [drawn]);
  const onCursor = useReadout({ drawn, xKind, xLabel, values, readout });
  const target = usePlot(place, {
    frame,
    range,
    show: props.show,
    xKind,
    xLog,
    yLog,
    width,
    height,
    palette,
    syncKey: props.syncKey,
    hidden,
    highlighted,
    markers: props.markers ?? NO_MARKERS,
    onCursor,
  });
  const visible = useMemo(() => drawn.filter(({ series }) => !hidden.has(series.key)), [drawn, hidden]);
  const notes = [...noteWhatIsLeftOut(visible, range), ...(props.notes ?? NO_NOTES)];
  const isEmpty = drawn.every(({ x }) => x.length === 0);
  const summary = useMemo(() => describeChart(title, visible), [title, visible]);
  return (
    <figure className={classes.figure} aria-label={title} aria-busy={loading}>
      <div className={classes.head}>
        <span className={`${classes.title} ml-text`} title={title}>
          {props.onFullScreen && title}
        </span>
        <span className={classes.readout} ref={readout} />
        <ChartMenu
          drawn={visible}
          picture={{
            title,
            xKind,
            xLabel,
            xLog,
            yLog,
            range,
            width: Math.max(width, MIN_PICTURE_PX),
            height,
            markers: props.markers,
          }}
          onTable={props.onTable}
          onFullScreen={props.onFullScreen}
          onFullData={props.onFullData}
        />
      </div>
      <div
        ref={ref}
        className={classes.plot}
        style={{ height }}
        role="img"
        aria-label={summary}
        aria-keyshortcuts="+ - 0 ArrowLeft ArrowRight"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys zoom and move it
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          if (pressKey(event.key, target)) event.preventDefault();
        }}
      >
        <div ref={place} style={{ visibility: isEmpty ? "hidden" : undefined }} />
        {isEmpty && !loading && <div className={classes.empty}>No points</div>}
        {loading && <div className={classes.loading} />}
      </div>
      <Legend drawn={drawn} hidden={hidden} onHidden={onHidden} onHighlight={highlight} values={values} />
      {notes.length > 0 && <p className={classes.notes}>{notes.join(" ")}</p>}
    </figure>
  );
}

/** A clock has no zero to take logarithms from. */
function scalesOf({ xKind, xLog = false, yLog = false }: Pick<LineChartProps, "xKind" | "xLog" | "yLog">) {
  return { xLog: xLog && xKind !== "time", yLog };
}

function useDrawn(series: readonly ChartSeries[], props: LineChartProps): readonly DrawnSeries[] {
  const { smoothing = 0, outliers = false } = props;
  const { xLog, yLog } = scalesOf(props);
  return useMemo(
    () => series.map((one) => drawSeries(one, { smoothing, outliers, xLog, yLog })),
    [series, smoothing, outliers, xLog, yLog],
  );
}

interface ReadoutProps {
  drawn: readonly DrawnSeries[];
  xKind: XKind;
  xLabel: string;
  values: React.RefObject<Map<string, HTMLElement>>;
  readout: React.RefObject<HTMLSpanElement | null>;
}

/** Writes what lies under the cursor into the legend; without a cursor, the newest values. */
function useReadout({ drawn, xKind, xLabel, values, readout }: ReadoutProps): (plot: uPlot) => void {
  const isOver = useRef(false);
  const rest = useCallback(() => {
    writeTexts(values.current, readValues(drawn, null));
    // A step is what everybody expects there; anything else is said.
    if (readout.current !== null) readout.current.textContent = xKind === "step" ? "" : `x: ${xLabel}`;
  }, [drawn, values, readout, xKind, xLabel]);
  useEffect(() => {
    if (!isOver.current) rest();
  }, [rest]);
  return useCallback(
    (plot: uPlot) => {
      const { left = -1 } = plot.cursor;
      // Another chart's cursor may be at a place that this one does not reach.
      isOver.current = left >= 0 && left <= plot.over.clientWidth;
      if (!isOver.current) return rest();
      const [x, slack] = [
        plot.posToVal(left, "x"),
        Math.abs(plot.posToVal(left + 8, "x") - plot.posToVal(left, "x")),
      ];
      writeTexts(
        values.current,
        readValues(drawn, (one) => findNearest(one, x, slack)),
      );
      if (readout.current === null) return;
      const marks = findNonfiniteAt(drawn, x, slack);
      const place = xKind === "step" ? Math.round(x) : x;
      readout.current.textContent = [`${xLabel} ${labelX(xKind, place)}`, ...marks].join(" · ");
    },
    [drawn, xKind, xLabel, values, readout, rest],
  );
}
