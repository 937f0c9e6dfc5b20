/** Curves over something else than their steps. */

import type { XKind } from "./types";

/** Points of a metric in order of step, as the server sends them; times are seconds since 1970. */
export interface Points {
  steps: Float64Array;
  values: Float64Array;
  times: Float64Array;
}

export interface AlignedPoints {
  x: Float64Array;
  y: Float64Array;
  steps: Float64Array;
}

/** Points over `kind`, ascending: `start` is the run's (for elapsed), `other` the metric on the x axis. */
export function alignPoints(
  points: Points,
  kind: XKind,
  { start = null, other = null }: { start?: number | null; other?: Points | null } = {},
): AlignedPoints {
  const { steps, values, times } = points;
  if (kind === "step") return { x: steps, y: values, steps };
  if (kind === "metric") return other === null ? NONE : alignOnMetric(points, other);
  const zero = kind === "elapsed" ? (start ?? least(times)) : 0;
  // Writers of one run may have clocks that differ, so times need not ascend with steps.
  return inOrder({ x: times.map((time) => time - zero), y: values, steps });
}

/**
 * A metric over another: each point's x is the other's value at its step, or the last one before it.
 *
 * Points before the other's first value are left out, and so are those whose x is NaN or infinite. Where x does
 * not ascend with the steps, the points are drawn in order of x.
 */
export function alignOnMetric(points: Points, other: Points): AlignedPoints {
  const size = points.steps.length;
  const found: AlignedPoints = {
    x: new Float64Array(size),
    y: new Float64Array(size),
    steps: new Float64Array(size),
  };
  let [last, kept] = [-1, 0];
  for (let at = 0; at < size; at++) {
    const step = points.steps[at] as number;
    while (last + 1 < other.steps.length && (other.steps[last + 1] as number) <= step) last += 1;
    const x = last < 0 ? Number.NaN : (other.values[last] as number);
    if (!Number.isFinite(x)) continue;
    found.x[kept] = x;
    found.y[kept] = points.values[at] as number;
    found.steps[kept] = step;
    kept += 1;
  }
  return inOrder({
    x: found.x.subarray(0, kept),
    y: found.y.subarray(0, kept),
    steps: found.steps.subarray(0, kept),
  });
}

/** The steps whose x lies in a range, one neighbour on each side included; `null` if there are none. */
export function findSteps(
  points: AlignedPoints,
  from: number,
  to: number,
): readonly [from: number, to: number] | null {
  const first = Math.max(lowerBound(points.x, from) - 1, 0);
  const end = Math.min(lowerBound(points.x, to) + 1, points.x.length);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = first; at < end; at++) {
    low = Math.min(low, points.steps[at] as number);
    high = Math.max(high, points.steps[at] as number);
  }
  return low <= high ? [low, high] : null;
}

/** The first index whose value is not less than `wanted`. */
export function lowerBound(ascending: Float64Array | readonly number[], wanted: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

const EMPTY = new Float64Array(0);
const NONE: AlignedPoints = { x: EMPTY, y: EMPTY, steps: EMPTY };

function least(values: Float64Array): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

/** Sorted by x, those of one x in the order they had. */
function inOrder(points: AlignedPoints): AlignedPoints {
  const { x } = points;
  let isOrdered = true;
  for (let at = 1; at < x.length && isOrdered; at++) isOrdered = (x[at - 1] as number) <= (x[at] as number);
  if (isOrdered) return points;
  const order = Array.from(x.keys()).sort((a, b) => (x[a] as number) - (x[b] as number) || a - b);
  const take = (from: Float64Array) => Float64Array.from(order, (at) => from[at] as number);
  return { x: take(x), y: take(points.y), steps: take(points.steps) };
}
