import { expect, test } from "vitest";
import { alignOnMetric, alignPoints, findSteps, type Points } from "./align";

function points(steps: number[], values: number[], times = steps): Points {
  return {
    steps: Float64Array.from(steps),
    values: Float64Array.from(values),
    times: Float64Array.from(times),
  };
}

test("over another metric, x is its value at the step or the last one before", () => {
  const aligned = alignOnMetric(points([0, 5, 10, 15], [9, 8, 7, 6]), points([5, 12], [100, 200]));
  expect([...aligned.x]).toEqual([100, 100, 200]);
  expect([...aligned.y]).toEqual([8, 7, 6]);
  expect([...aligned.steps]).toEqual([5, 10, 15]);
});

test("where the other metric does not ascend, points are in order of x", () => {
  const aligned = alignOnMetric(points([0, 1, 2], [1, 2, 3]), points([0, 1, 2], [5, 3, 4]));
  expect([...aligned.x]).toEqual([3, 4, 5]);
  expect([...aligned.y]).toEqual([2, 3, 1]);
});

test("points whose x is NaN or infinite are left out", () => {
  const other = points([0, 1, 2], [Number.NaN, Number.POSITIVE_INFINITY, 1]);
  expect([...alignOnMetric(points([0, 1, 2], [1, 2, 3]), other).y]).toEqual([3]);
});

test("elapsed time begins with the run, or with its first point", () => {
  const curve = points([0, 1], [1, 2], [1000, 1010]);
  expect([...alignPoints(curve, "elapsed", { start: 990 }).x]).toEqual([10, 20]);
  expect([...alignPoints(curve, "elapsed").x]).toEqual([0, 10]);
});

test("clocks that differ do not break the line", () => {
  const aligned = alignPoints(points([0, 1, 2], [1, 2, 3], [100, 90, 110]), "time");
  expect([...aligned.x]).toEqual([90, 100, 110]);
  expect([...aligned.y]).toEqual([2, 1, 3]);
});

test("the steps of a range of x include a neighbour on each side", () => {
  const aligned = alignPoints(points([0, 10, 20, 30, 40], [1, 2, 3, 4, 5], [0, 1, 2, 3, 4]), "time");
  expect(findSteps(aligned, 1.5, 2.5)).toEqual([10, 30]);
  expect(findSteps(aligned, -9, 9)).toEqual([0, 40]);
  expect(findSteps(alignPoints(points([], []), "step"), 0, 1)).toBeNull();
});
