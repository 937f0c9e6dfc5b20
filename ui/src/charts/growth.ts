/** Curves that grow while they are looked at, and that are finer where one looks closely. Pure. */

import type { Points } from "./align";
import { lowerBound } from "./align";

/** A curve as it was read, and the newest points that were told of since. */
export interface Curve extends Points {
  /** Points that the server has. */
  count: number;
  nNonfinite: number;
  /** What of it was read, not told of: up to which step, and how much. */
  read: { to: number; size: number; count: number; nNonfinite: number };
}

/** The newest point of a metric, as an event tells it. */
export interface Newest {
  step: number;
  value: number;
  count: number;
}

/** A curve of which nothing was read yet. */
export const NO_CURVE: Curve = makeCurve({
  steps: new Float64Array(0),
  values: new Float64Array(0),
  times: new Float64Array(0),
  count: 0,
  nNonfinite: 0,
});

export function makeCurve(points: Points & { count: number; nNonfinite: number }): Curve {
  const size = points.steps.length;
  const to = size > 0 ? (points.steps[size - 1] as number) : Number.NEGATIVE_INFINITY;
  return { ...points, read: { to, size, count: points.count, nNonfinite: points.nNonfinite } };
}

/** The curve with its newest point; the same one if that is no news. */
export function addNewest(curve: Curve, newest: Newest, time: number): Curve {
  const size = curve.steps.length;
  if (newest.count <= curve.count) return curve;
  const last = size > 0 ? (curve.steps[size - 1] as number) : Number.NEGATIVE_INFINITY;
  const isNumber = Number.isFinite(newest.value);
  const count = newest.count;
  // A point behind the newest step is among those that are to be read.
  if (newest.step <= last) return { ...curve, count };
  return {
    ...curve,
    steps: push(curve.steps, newest.step),
    values: push(curve.values, newest.value),
    times: push(curve.times, time),
    count,
    nNonfinite: curve.nNonfinite + (isNumber ? 0 : 1),
  };
}

/** Whether points came of which only the number is known. */
export function isIncomplete(curve: Curve): boolean {
  return curve.count > curve.read.count + (curve.steps.length - curve.read.size);
}

/** The curve as it was read, followed by what was read of the steps after that. */
export function addTail(curve: Curve, tail: Curve): Curve {
  const { size, count, nNonfinite } = curve.read;
  return makeCurve({
    steps: join(curve.steps.subarray(0, size), tail.steps),
    values: join(curve.values.subarray(0, size), tail.values),
    times: join(curve.times.subarray(0, size), tail.times),
    count: count + tail.count,
    nNonfinite: nNonfinite + tail.nNonfinite,
  });
}

/**
 * A curve that is finer between the first and the last point of `detail`, which are all there is or a reduction
 * of it. Points told of since lie after them. The counts are those of the detail.
 */
export function refine(curve: Curve, detail: Curve): Curve {
  const size = detail.steps.length;
  if (size === 0) return { ...curve, count: 0, nNonfinite: 0 };
  const before = lowerBound(curve.steps, detail.steps[0] as number);
  const after = Math.max(lowerBound(curve.steps, (detail.steps[size - 1] as number) + 1), before);
  const pick = (name: "steps" | "values" | "times") =>
    join(join(curve[name].subarray(0, before), detail[name]), curve[name].subarray(after));
  return {
    ...curve,
    steps: pick("steps"),
    values: pick("values"),
    times: pick("times"),
    count: detail.count,
    nNonfinite: detail.nNonfinite,
  };
}

function push(numbers: Float64Array, value: number): Float64Array {
  const longer = new Float64Array(numbers.length + 1);
  longer.set(numbers);
  longer[numbers.length] = value;
  return longer;
}

function join(one: Float64Array, other: Float64Array): Float64Array {
  const both = new Float64Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
