/** Curves of runs as the lines of a chart. Pure. */

import { labelRun, stylesOf } from "~/format/run";
import { alignPoints, findSteps, lowerBound } from "./align";
import { type Curve, isIncomplete, refine } from "./growth";
import type { ChartRange, ChartRun, ChartSeries, XKind } from "./types";

type Curves = ReadonlyMap<string, Curve>;

export interface CurveParts {
  curves: Curves;
  /** The metric on the x axis, if there is one. */
  others: Curves | null;
  /** Finer curves of a part of the steps, of both metrics. */
  details: Curves | null;
  otherDetails: Curves | null;
  /** That part is the one that is shown, not the one before it. */
  isCurrent: boolean;
}

/** Lines of `runs` that have the metric, counted within the range that is shown. */
export function makeSeries(
  runs: readonly ChartRun[],
  { curves, others, details, otherDetails, isCurrent }: CurveParts,
  xKind: XKind,
  range: ChartRange | null,
): ChartSeries[] {
  const styles = stylesOf(runs.map((run) => run.run_id));
  return runs.flatMap((run, at) => {
    const coarse = curves.get(run.run_id);
    if (coarse === undefined) return [];
    const detail = range === null ? undefined : details?.get(run.run_id);
    const curve = refineIf(coarse, detail) ?? coarse;
    const other = refineIf(
      others?.get(run.run_id),
      range === null ? undefined : otherDetails?.get(run.run_id),
    );
    const { x, y, steps } = alignPoints(curve, xKind, { start: readStart(run), other });
    const nShown = countWithin(x, range);
    const counted = isCurrent ? detail : undefined;
    const isBehind = isIncomplete(coarse);
    const isAll = !(isReduced(coarse) || isBehind) || (counted !== undefined && !isReduced(counted));
    const nTotal = range === null || counted !== undefined ? curve.count : Number.POSITIVE_INFINITY;
    return [
      {
        key: run.run_id,
        label: labelRun(run),
        color: run.color ?? styles[at]?.color ?? "",
        dash: run.dash ?? styles[at]?.dash ?? [],
        x,
        y,
        steps,
        nShown,
        nTotal: isAll ? nShown : Math.max(nTotal, nShown),
        isBehind,
        isWholeElse: isBehind && !isReduced(coarse),
        isOfRange: range !== null,
        // The server counts within steps; other ranges begin and end between points drawn.
        isTotalRough: range !== null && xKind !== "step",
        nNonfinite: curve.nNonfinite,
      },
    ];
  });
}

function refineIf(curve: Curve | undefined, detail: Curve | undefined): Curve | null {
  return curve === undefined ? null : detail === undefined ? curve : refine(curve, detail);
}

function countWithin(x: Float64Array, range: ChartRange | null): number {
  if (range === null) return x.length;
  let end = lowerBound(x, range[1]);
  while (end < x.length && x[end] === range[1]) end += 1;
  return end - lowerBound(x, range[0]);
}

/** The steps that all lines have within a range of x; `null` if there is nothing in it. */
export function findWindow(
  runs: readonly ChartRun[],
  { curves, others }: Pick<CurveParts, "curves" | "others">,
  xKind: XKind,
  range: ChartRange,
): ChartRange | null {
  if (xKind === "step") return [Math.floor(range[0]), Math.ceil(range[1])];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const run of runs) {
    const curve = curves.get(run.run_id);
    if (curve === undefined) continue;
    const other = others?.get(run.run_id) ?? null;
    const steps = findSteps(alignPoints(curve, xKind, { start: readStart(run), other }), ...range);
    if (steps === null) continue;
    low = Math.min(low, steps[0]);
    high = Math.max(high, steps[1]);
  }
  return low <= high ? [low, high] : null;
}

/** Whether points were left out of a curve when it was read. */
export function isReduced({ read }: Curve): boolean {
  return read.size < read.count;
}

const SIZES = [250, 500, 1000, 2000];
/** Points of all lines together, beyond which more lines have fewer points each. */
const MAX_DRAWN = 24_000;

/** How many points a line gets: two for each pixel at most, in few sizes, so that a new width rarely asks anew. */
export function choosePoints(width: number, nLines: number): number {
  const most = Math.min(width, MAX_DRAWN / Math.max(nLines, 1));
  return SIZES.findLast((size) => size <= most * 2) ?? (SIZES[0] as number);
}

function readStart({ started_at }: ChartRun): number | null {
  const start = started_at ? Date.parse(started_at) / 1000 : Number.NaN;
  return Number.isFinite(start) ? start : null;
}
