/** What the dashboard keeps of running runs: their newest values and short curves; pure. */

import type { ApiNumber, Schemas } from "~/api/client";
import type { LivePoints } from "~/api/live";

export type Overview = Schemas["OverviewBody"];
export type RunningRun = Schemas["RunningRunBody"];

/** How many runs are drawn, and how many metrics of each; all others are counted. */
export const MAX_RUNS = 8;
export const MAX_METRICS = 3;
/** Points a curve is asked for with, and how many it may grow to before it is asked for anew. */
export const N_POINTS = 60;
export const MAX_POINTS = 2 * N_POINTS;

/** The values of a curve in order of step. */
export interface ShortCurve {
  lastStep: number;
  values: readonly ApiNumber[];
}
/** By run, then by metric. */
export type ShortCurves = ReadonlyMap<string, ReadonlyMap<string, ShortCurve>>;

/** The metrics of a run to show: those that results are told of first, then losses, then by name. */
export function chooseMetrics(run: RunningRun, headline: ReadonlySet<string>): string[] {
  const rank = (metric: string) => (headline.has(metric) ? 0 : metric.toLowerCase().includes("loss") ? 1 : 2);
  return run.values
    .map(({ metric }) => metric)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .slice(0, MAX_METRICS);
}

/** The overview with the newest values of a run that is shown as running; else the very same. */
export function withPoints(overview: Overview, points: LivePoints): Overview {
  const at = overview.running.findIndex(({ run_id }) => run_id === points.run_id);
  const run = overview.running[at];
  if (run === undefined) return overview;
  const values = run.values.map((known) => {
    const newest = own(points.metrics, known.metric);
    return newest === undefined ? known : { ...known, step: newest.step, value: newest.value };
  });
  const steps = Object.entries(points.metrics)
    .filter(([metric]) => !metric.startsWith("system/"))
    .map(([, { step }]) => step);
  const lastStep = Math.max(run.last_step ?? Number.NEGATIVE_INFINITY, ...steps);
  const running = [...overview.running];
  running[at] = { ...run, values, last_step: Number.isFinite(lastStep) ? lastStep : null };
  return { ...overview, running };
}

/** The curves with newer points of one run. */
export function appendPoints(curves: ShortCurves, points: LivePoints): ShortCurves {
  const known = curves.get(points.run_id);
  if (known === undefined) return curves;
  const next = new Map(known);
  let isNew = false;
  for (const [metric, curve] of known) {
    const newest = own(points.metrics, metric);
    if (newest === undefined || newest.step <= curve.lastStep) continue;
    next.set(metric, { lastStep: newest.step, values: [...curve.values, newest.value] });
    isNew = true;
  }
  return isNew ? new Map(curves).set(points.run_id, next) : curves;
}

/** Whether a curve has grown so long that it should be asked for anew, evenly thinned. */
export function isLong(curves: ShortCurves): boolean {
  for (const metrics of curves.values())
    for (const { values } of metrics.values()) if (values.length > MAX_POINTS) return true;
  return false;
}

/** The curves of an answer. */
export function readCurves(body: Schemas["CurvesBody"]): ShortCurves {
  return new Map(
    body.items.map(({ run_id, series }) => [
      run_id,
      new Map(
        series.map(({ name, steps, values }) => [
          name,
          { lastStep: steps.at(-1) ?? Number.NEGATIVE_INFINITY, values },
        ]),
      ),
    ]),
  );
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
