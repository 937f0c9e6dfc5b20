import { expect, test } from "vitest";
import { spanOf, ticksOf } from "./span";

test("what is no number does not stretch the axis", () => {
  expect(spanOf([0.1, null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 0.4])).toEqual([0.1, 0.4]);
});

test("one value has room around it, and nothing has an axis too", () => {
  expect(spanOf([10])).toEqual([9, 11]);
  expect(spanOf([0, 0])).toEqual([-1, 1]);
  expect(spanOf([])).toEqual([0, 1]);
});

test("ticks are round and within the axis", () => {
  expect(ticksOf([0.893, 0.981])).toEqual([0.9, 0.92, 0.94, 0.96, 0.98]);
  expect(ticksOf([-0.1, 0.1], 4)).toEqual([-0.1, -0.05, 0, 0.05, 0.1]);
  expect(ticksOf([0, 1000])).toEqual([0, 200, 400, 600, 800, 1000]);
});

test("an axis of the smallest numbers has ticks as well, and one without length has one", () => {
  expect(ticksOf([0, 1e-300]).length).toBeGreaterThan(1);
  expect(ticksOf([3, 3])).toEqual([3]);
});
