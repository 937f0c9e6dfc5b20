/** Mean curves of seed groups as lines with bands. Pure. */

import type { Schemas } from "~/api/client";
import type { ChartSeries } from "~/charts";
import { colorOf, type SeriesStyle } from "~/format/run";

/** A group's mean with its interval around it, and lowest and highest of its runs more faintly. */
export function makeMeanSeries(
  group: { group_id: string; label: string },
  curve: Schemas["MeanCurveBody"],
  style: SeriesStyle = { color: colorOf(group.group_id), dash: [] },
): ChartSeries {
  return {
    key: group.group_id,
    label: group.label,
    ...style,
    x: curve.steps,
    y: curve.mean,
    steps: curve.steps,
    nShown: curve.n_shown,
    nTotal: curve.reduced ? Math.max(curve.count, curve.n_shown) : curve.n_shown,
    nNonfinite: curve.n_nonfinite,
    band: { low: curve.low, high: curve.high },
    extremes: { low: curve.min, high: curve.max },
  };
}

/** By which rule runs are set side by side, and where not all of them are. */
export function sayAlignment(curves: readonly Schemas["MeanCurveBody"][]): string {
  const stretch = Math.max(1, ...curves.map((curve) => curve.stretch));
  const rule =
    stretch > 1
      ? `Points are taken together in stretches of ${stretch} steps, in which a run counts with the mean of its points.`
      : "Runs are aligned by step: at a step those count that logged a finite value at just that step; nothing is interpolated.";
  const counts = curves.flatMap((curve) => curve.n);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const some = counts.length > 0 && fewest < most ? ` A step rests on ${fewest} to ${most} runs.` : "";
  return `${rule}${some} The band is the 95 % t interval of the mean; the faint one reaches from the lowest to the highest run.`;
}
