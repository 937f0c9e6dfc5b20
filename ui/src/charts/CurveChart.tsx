import { Skeleton } from "@mantine/core";
import { useCallback, useMemo, useRef, useState } from "react";
import { ErrorState } from "~/components/Feedback";
import { countOf } from "~/format/number";
import { choosePoints, findWindow, isReduced, makeSeries } from "./curveSeries";
import { loadWholeCurve, type Window } from "./curves";
import type { Curve } from "./growth";
import { LineChart } from "./LineChart";
import type { ChartRange, ChartRun, ChartSeries, ChartSettings } from "./types";
import { useKeptRange } from "./useChartRange";
import { type Curves, useCurves, useGrowth } from "./useCurves";
import { useNear } from "./useNear";

export interface CurveChartProps {
  /** At most 50. Keep the array's identity while nothing changes. */
  runs: readonly ChartRun[];
  metric: string;
  settings: ChartSettings;
  /** Zoom of this chart, if it is not that of `settings`. */
  range?: ChartRange | null;
  /** Without it the chart keeps its zoom itself, together with those of the same `syncKey`. */
  onRange?: (range: ChartRange | null) => void;
  title?: string;
  height?: number;
  syncKey?: string;
}

const NEAR_PX = 500;
const NONE: Curves = new Map();
const NONE_HIDDEN: ReadonlySet<string> = new Set();

/** A metric of runs: fetched when near the screen, finer where zoomed in, and followed while the runs go on. */
export function CurveChart(props: CurveChartProps) {
  const { runs, metric, settings, height = 240 } = props;
  const place = useRef<HTMLDivElement>(null);
  const { isNear, width } = useNear(place, NEAR_PX);
  // Kept here, so that it outlives the plot, which goes when it is far from the screen.
  const [hidden, setHidden] = useState(NONE_HIDDEN);
  const runIds = useMemo(() => runs.map(({ run_id }) => run_id), [runs]);
  const maxPoints = choosePoints(width, runIds.length);
  const window = useMemo(() => ({ maxPoints, from: null, to: null }), [maxPoints]);
  const asked = { runIds, window, enabled: isNear && width > 0 };
  // News is noted while the chart is far away too, or what it shows when it comes back were old.
  useGrowth({ ...asked, metric });
  useGrowth({ ...asked, metric: settings.xMetric, enabled: asked.enabled && settings.xKind === "metric" });
  return (
    <div ref={place} style={{ minHeight: height + 84, minWidth: 0 }}>
      {asked.enabled && (
        <NearChart {...props} runIds={runIds} window={window} hidden={hidden} onHidden={setHidden} />
      )}
    </div>
  );
}

interface NearChartProps extends CurveChartProps {
  runIds: readonly string[];
  window: Window;
  hidden: ReadonlySet<string>;
  onHidden: (hidden: ReadonlySet<string>) => void;
}

function NearChart(props: NearChartProps) {
  const { runs, metric, settings, height = 240, syncKey } = props;
  const { xKind, xMetric } = settings;
  const [range, setRange] = useKeptRange({
    range: props.range === undefined ? settings.range : props.range,
    onRange: props.onRange,
    syncKey,
    xKind,
  });
  const { query, series, isRefining, isApproximate } = useSeries(props, range);
  const onFullData = useCallback(
    (signal: AbortSignal) => loadAll(runs, metric, settings, signal),
    [runs, metric, settings],
  );
  if (query.data === undefined)
    return query.error === null ? (
      <Skeleton h={height} mt={28} role="status" aria-label={`Loading ${metric}`} />
    ) : (
      <ErrorState error={query.error} what={`Reading ${metric}`} retry={() => void query.refetch()} />
    );
  return (
    <LineChart
      series={series}
      title={props.title ?? metric}
      xKind={xKind}
      xLabel={xKind === "metric" ? xMetric : undefined}
      xLog={settings.xLog}
      yLog={settings.yLog}
      smoothing={settings.smoothing}
      outliers={settings.outliers}
      height={height}
      syncKey={syncKey}
      range={range}
      onRange={setRange}
      loading={isRefining || query.isPlaceholderData}
      onFullData={onFullData}
      hidden={props.hidden}
      onHidden={props.onHidden}
      notes={[
        ...noteWhatIsMissing(runs.length, series, settings, query.error),
        ...(isApproximate ? [`${xMetric} is reduced too: places along it are approximate.`] : []),
      ]}
    />
  );
}

/** The lines: the whole curves, and finer ones of the part that is zoomed into. */
function useSeries({ runs, runIds, metric, settings, window }: NearChartProps, range: ChartRange | null) {
  const { xKind, xMetric } = settings;
  const query = useCurves({ runIds, metric, window, enabled: true });
  const other = useCurves({ runIds, metric: xMetric, window, enabled: xKind === "metric" });
  const curves = query.data ?? NONE;
  const others = xKind === "metric" ? (other.data ?? NONE) : null;
  const isCoarse = range !== null && [...curves.values()].some(isReduced);
  const steps = isCoarse ? findWindow(runs, { curves, others }, xKind, range) : null;
  const finer: Window = { ...window, from: steps?.[0] ?? null, to: steps?.[1] ?? null };
  const detail = useCurves({ runIds, metric, window: finer, enabled: steps !== null });
  const isFiner = steps !== null && xKind === "metric";
  const otherDetail = useCurves({ runIds, metric: xMetric, window: finer, enabled: isFiner });
  const details = steps === null ? null : (detail.data ?? null);
  const otherDetails = isFiner ? (otherDetail.data ?? null) : null;
  const isCurrent = !detail.isPlaceholderData;
  const series = useMemo(
    () => makeSeries(runs, { curves, others, details, otherDetails, isCurrent }, xKind, range),
    [runs, curves, others, details, otherDetails, isCurrent, xKind, range],
  );
  const isApproximate = [...(otherDetails ?? others ?? NONE).values()].some(isReduced);
  return { query, series, isRefining: detail.isFetching || other.isFetching, isApproximate };
}

function noteWhatIsMissing(
  nRuns: number,
  series: readonly ChartSeries[],
  { xKind, xMetric }: ChartSettings,
  error: Error | null,
): string[] {
  const notes: string[] = [];
  if (series.length < nRuns) notes.push(`${countOf(nRuns - series.length, "run")} without this metric.`);
  const nEmpty = series.filter(({ x, nTotal }) => x.length === 0 && nTotal > 0).length;
  if (xKind === "metric" && nEmpty > 0)
    notes.push(`${countOf(nEmpty, "run")} without ${xMetric} at these steps.`);
  if (error !== null) notes.push("The newest points could not be read; they will be tried again.");
  return notes;
}

/** All points of all lines, one after the other: each may be large. */
async function loadAll(
  runs: readonly ChartRun[],
  metric: string,
  { xKind, xMetric }: ChartSettings,
  signal: AbortSignal,
): Promise<ChartSeries[]> {
  const read = async (name: string): Promise<Curves> => {
    const curves = new Map<string, Curve>();
    for (const { run_id } of runs) {
      const curve = await loadWholeCurve(run_id, name, signal);
      if (curve !== null) curves.set(run_id, curve);
    }
    return curves;
  };
  const curves = await read(metric);
  const others = xKind === "metric" ? await read(xMetric) : null;
  return makeSeries(
    runs,
    { curves, others, details: null, otherDetails: null, isCurrent: true },
    xKind,
    null,
  );
}
