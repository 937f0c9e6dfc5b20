/** News of the live stream, put into what was read of a run. */

import type { LivePoints, LiveRun } from "~/api/live";
import type { WholeRun } from "./queries";

/** With the newest values of its metrics; what lay between two events is known when it is read anew. */
export function withPoints(run: WholeRun, points: LivePoints): WholeRun {
  const metrics = new Map(Object.entries(run.metrics));
  const finals = new Map(Object.entries(run.final_metrics));
  for (const [name, { step, value, count }] of Object.entries(points.metrics)) {
    const known = metrics.get(name);
    const isNumber = typeof value === "number";
    metrics.set(name, {
      name,
      first: known?.first ?? value,
      first_step: known?.first_step ?? step,
      n_nonfinite: known?.n_nonfinite ?? (isNumber ? 0 : 1),
      min_step: isNumber && (known?.min == null || value < known.min) ? step : (known?.min_step ?? null),
      max_step: isNumber && (known?.max == null || value > known.max) ? step : (known?.max_step ?? null),
      min: isNumber ? Math.min(known?.min ?? value, value) : (known?.min ?? null),
      max: isNumber ? Math.max(known?.max ?? value, value) : (known?.max ?? null),
      last: value,
      last_step: step,
      final: value,
      count,
    });
    finals.set(name, value);
  }
  return {
    ...run,
    status: points.status,
    // Not assignments to an object: a metric may be called `__proto__`.
    metrics: Object.fromEntries(metrics),
    final_metrics: Object.fromEntries(finals),
  };
}

/** With what the event tells of the run. */
export function withRun(run: WholeRun, news: LiveRun): WholeRun {
  return { ...run, ...news };
}

/** The greatest step that its metrics have reached; those of the machine count for themselves. */
export function lastStepOf(run: WholeRun): number | null {
  let greatest: number | null = null;
  for (const [name, { last_step }] of Object.entries(run.metrics))
    if (!name.startsWith("system/") && last_step !== null)
      greatest = Math.max(greatest ?? last_step, last_step);
  return greatest;
}
