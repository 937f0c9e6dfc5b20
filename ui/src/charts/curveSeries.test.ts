import { expect, test } from "vitest";
import { choosePoints, findWindow, makeSeries } from "./curveSeries";
import { addNewest, makeCurve } from "./growth";

function curve(steps: number[], count = steps.length, start = 0) {
  const numbers = Float64Array.from(steps);
  const times = numbers.map((step) => start + step / 10);
  return makeCurve({ steps: numbers, values: numbers, times, count, nNonfinite: 0 });
}
const runs = [{ run_id: "a", name: "first" }, { run_id: "b" }];
const coarse = new Map([["a", curve([0, 50, 100], 101)]]);
const parts = { curves: coarse, others: null, details: null, otherDetails: null, isCurrent: true };

test("a run without the metric has no line; one with it has its name and how much of it is drawn", () => {
  const [line, ...more] = makeSeries(runs, parts, "step", null);
  expect(more).toEqual([]);
  expect(line).toMatchObject({ key: "a", label: "first", nShown: 3, nTotal: 101, isBehind: false });
});

test("within a range, points are counted there, and their number is unknown until finer ones were read", () => {
  const [before] = makeSeries(runs, parts, "step", [40, 60]);
  expect(before).toMatchObject({ nShown: 1, nTotal: Number.POSITIVE_INFINITY, isOfRange: true });
  const details = new Map([["a", curve([40, 45, 55, 60], 21)]]);
  const [after] = makeSeries(runs, { ...parts, details }, "step", [40, 60]);
  expect(after).toMatchObject({ nShown: 4, nTotal: 21 });
  expect([...(after?.x ?? [])]).toEqual([0, 40, 45, 55, 60, 100]);
});

test("finer points of the range before are drawn, but not counted on", () => {
  const details = new Map([["a", curve([40, 45, 55, 60], 21)]]);
  const [line] = makeSeries(runs, { ...parts, details, isCurrent: false }, "step", [50, 70]);
  expect(line?.nTotal).toBe(Number.POSITIVE_INFINITY);
});

test("a whole curve is whole in every range", () => {
  const curves = new Map([["a", curve([0, 1, 2, 3])]]);
  const [line] = makeSeries(runs, { ...parts, curves }, "step", [1, 2]);
  expect(line).toMatchObject({ nShown: 2, nTotal: 2 });
});

test("points that are known of but not read are said", () => {
  const curves = new Map([["a", addNewest(curve([0, 1]), { step: 9, value: 1, count: 10 }, 0)]]);
  const [line] = makeSeries(runs, { ...parts, curves }, "step", null);
  expect(line).toMatchObject({ nShown: 3, nTotal: 10, isBehind: true, isWholeElse: true });
});

test("elapsed time is that since the run began", () => {
  const started = [{ run_id: "a", started_at: "1970-01-01T00:00:01Z" }];
  const curves = new Map([["a", curve([0, 10], 2, 5)]]);
  expect([...(makeSeries(started, { ...parts, curves }, "elapsed", null)[0]?.x ?? [])]).toEqual([4, 5]);
});

test("a range of time is read as the steps it has in all runs", () => {
  const curves = new Map([
    ["a", curve([0, 10, 20, 30, 40])],
    ["b", curve([0, 100, 200])],
  ]);
  expect(findWindow(runs, { curves, others: null }, "time", [1.5, 2.5])).toEqual([0, 100]);
  expect(findWindow(runs, { curves, others: null }, "step", [1.2, 7.8])).toEqual([1, 8]);
  expect(findWindow(runs, { curves: new Map(), others: null }, "time", [1, 2])).toBeNull();
});

test("over another metric, both are finer where one zooms in", () => {
  const others = new Map([["a", curve([0, 100], 101)]]);
  const details = new Map([["a", curve([40, 45, 55], 21)]]);
  const range = [40, 60] as const;
  const [coarseX] = makeSeries(runs, { ...parts, others, details }, "metric", range);
  expect([...(coarseX?.x ?? [])]).toEqual([0, 0, 0, 0, 100]);
  const otherDetails = new Map([["a", curve([40, 45, 55], 21)]]);
  const [fineX] = makeSeries(runs, { ...parts, others, details, otherDetails }, "metric", range);
  expect([...(fineX?.x ?? [])]).toEqual([0, 40, 45, 55, 100]);
});

test("a line has as many points as there are pixels for, and fewer where there are many lines", () => {
  expect(choosePoints(600, 1)).toBe(1000);
  expect(choosePoints(1400, 1)).toBe(2000);
  expect(choosePoints(1400, 50)).toBe(500);
  expect(choosePoints(0, 1)).toBe(250);
});
