import { expect, test } from "vitest";
import { smooth } from "./smoothing";

test("a constant stays what it is from the first point on", () => {
  for (const value of smooth([3, 3, 3, 3], 0.99)) expect(value).toBeCloseTo(3, 12);
});

test("the first value is not drawn towards zero", () => {
  const [first, second] = smooth([10, 20], 0.5);
  expect(first).toBe(10);
  expect(second).toBeCloseTo((0.25 * 10 + 0.5 * 20) / 0.75, 12);
});

test("NaN and infinity have no smoothed value and leave the mean as it was", () => {
  const smoothed = smooth([1, Number.NaN, Number.POSITIVE_INFINITY, 1], 0.9);
  expect([...smoothed]).toEqual([1, Number.NaN, Number.NaN, expect.closeTo(1, 12)]);
});

test("after a gap the mean starts anew", () => {
  expect(smooth([100, 100, null, 1], 0.9)[3]).toBeCloseTo(1, 12);
});

test("the greatest numbers there are do not overflow, the least do not vanish", () => {
  const most = Number.MAX_VALUE;
  expect(smooth([most, most], 0.5)[1]).toBe(most);
  expect(smooth([1e-300, 1e-300], 0.5)[1]).toBeCloseTo(1e-300, 310);
});
