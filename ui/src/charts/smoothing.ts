import type { MaybeNumbers } from "./types";

/**
 * The exponential running mean of `values`, corrected for its start (as Adam does), `weight` being that of
 * what was before.
 *
 * Points count alike however far apart their steps are, so of a reduced curve it is the mean over the points
 * drawn. NaN and infinities have no smoothed value and do not enter the mean, which goes on after them; a
 * `null` is a gap, after which the mean starts anew.
 */
export function smooth(values: MaybeNumbers, weight: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  let mean = 0;
  let share = 0; // how much of the mean has come from values, rather than from the 0 it starts with
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === null || value === undefined) {
      mean = share = 0;
      smoothed[at] = Number.NaN;
    } else if (Number.isFinite(value)) {
      mean = weight * mean + (1 - weight) * value;
      share = weight * share + (1 - weight);
      smoothed[at] = mean / share;
    } else smoothed[at] = Number.NaN;
  }
  return smoothed;
}
