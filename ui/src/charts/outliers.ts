/** Points that lie far from their neighbours, by a rule that the outliers themselves do not move. */

import type { MaybeNumbers } from "./types";

/** Neighbours on each side whose median says where a point should lie. */
const NEIGHBOURS = 5;
/** How many robust standard deviations are far. */
const FAR = 6;
const MIN_POINTS = 12;
/** From the MAD, or from the mean distance, to the standard deviation of normal noise. */
const SD_PER_MAD = 1.4826;
const SD_PER_MEAN = 1.2533;

/**
 * Indices of outliers: points further from the median of their neighbourhood (5 points on each side) than 6
 * robust standard deviations (1.4826 MAD), both of the neighbourhood and of all such distances.
 *
 * The first, so that a peak of a smooth curve is none; the second, so that a step between equal values is
 * none. Near the ends the neighbourhood is smaller, and the first and last point are never outliers. Where more
 * than half of all distances are 0, their mean takes the place of the MAD. Fewer than 12 finite points have no
 * outliers.
 */
export function findOutliers(values: MaybeNumbers): number[] {
  const places: number[] = [];
  const finite: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    places.push(at);
    finite.push(value);
  }
  if (finite.length < MIN_POINTS) return [];
  const seen = finite.map((value, at) => {
    // As many on each side: else the start of a slope would lie far from its neighbours.
    const reach = Math.min(NEIGHBOURS, at, finite.length - 1 - at);
    const near = finite.slice(at - reach, at + reach + 1);
    const center = median(near);
    return {
      distance: Math.abs(value - center),
      spread: SD_PER_MAD * median(near.map((other) => Math.abs(other - center))),
    };
  });
  const distances = seen.map(({ distance }) => distance);
  const mean = distances.reduce((sum, distance) => sum + distance / distances.length, 0);
  const spread = SD_PER_MAD * median(distances) || SD_PER_MEAN * mean;
  return places.filter((_, at) => {
    const one = seen[at] as { distance: number; spread: number };
    return one.distance > FAR * Math.max(spread, one.spread);
  });
}

/** Sorts `values` in place. */
function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] as number;
  return values.length % 2 === 1 ? upper : upper / 2 + (values[middle - 1] as number) / 2;
}
