import { expect, test } from "vitest";
import { labelTicks, labelX, labelXTicks, makeTicks, makeXTicks, padRange, roundOut } from "./ticks";

test("ticks are round numbers within the range", () => {
  expect(makeTicks(0, 1, 5, false)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(makeTicks(0.1, 0.32, 4, false)).toEqual([0.1, 0.2, 0.3]);
});

test("steps are whole", () => {
  expect(makeXTicks("step", 0, 3, 10, false)).toEqual([0, 1, 2, 3]);
});

test("elapsed time has ticks of a clock", () => {
  const ticks = makeXTicks("elapsed", 0, 7200, 5, false);
  expect(ticks).toEqual([0, 1800, 3600, 5400, 7200]);
  expect(labelXTicks("elapsed", ticks)).toEqual(["0", "30 min", "1 h", "1 h 30 min", "2 h"]);
});

test("elapsed time of less than a second is told apart too", () => {
  expect(labelXTicks("elapsed", [0, 0.0005, 0.001])).toEqual(["0 ms", "0.5 ms", "1 ms"]);
});

test("a logarithmic axis has powers of ten, or round numbers within few of them", () => {
  expect(makeTicks(1e-6, 1, 4, true)).toEqual([1e-6, 1e-4, 0.01, 1]);
  expect(makeTicks(2, 9, 4, true)).toEqual([2, 4, 6, 8]);
  expect(makeTicks(1e-310, 1e-290, 4, true).length).toBeGreaterThan(1);
});

test("numbers of any size have a range with room and ticks", () => {
  for (const [low, high] of [
    [0, 0],
    [1e-300, 1e-300],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [5e-324, 1e-320],
    [1e15, 1e15 + 1],
  ] as const) {
    const [from, to] = padRange(low, high, false);
    expect(from).toBeLessThan(to);
    expect(Number.isFinite(to - from)).toBe(true);
    const ticks = makeTicks(from, to, 5, false);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThan(60);
  }
  expect(padRange(Number.NaN, Number.NaN, false)).toEqual([0, 1]);
});

test("an axis with round ends holds its numbers, whatever their size", () => {
  expect(roundOut(0.921, 0.995)).toEqual([0.92, 1]);
  expect(roundOut(0.18, 0.22)).toEqual([0.18, 0.22]);
  expect(roundOut(0, 0)).toEqual([-1, 1]);
  for (const [low, high] of [
    [1e-300, 3e-300],
    [-1e300, 1e300],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [0, 5e-324],
  ] as const) {
    const [from, to] = roundOut(low, high);
    expect(from).toBeLessThanOrEqual(low);
    expect(to).toBeGreaterThanOrEqual(high);
  }
});

test("labels have as many digits as tell neighbours apart", () => {
  expect(labelTicks([0.9991, 0.9992])).toEqual(["0.9991", "0.9992"]);
  expect(labelTicks([0, 250_000, 500_000])).toEqual(["0", "250k", "500k"]);
  expect(labelX("step", 1_234_567)).toBe("1\u202f234\u202f567");
});

test("days of a clock's axis are said once", () => {
  const midnight = new Date(2026, 0, 2).getTime() / 1000;
  const labels = labelXTicks("time", [midnight - 3600, midnight, midnight + 3600]);
  expect(labels.map((label) => label.includes("\n"))).toEqual([true, true, false]);
});
