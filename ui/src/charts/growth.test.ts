import { expect, test } from "vitest";
import { addNewest, addTail, isIncomplete, makeCurve, NO_CURVE, refine } from "./growth";

function curve(steps: number[], count = steps.length, nNonfinite = 0) {
  const numbers = Float64Array.from(steps);
  return makeCurve({ steps: numbers, values: numbers, times: numbers, count, nNonfinite });
}

test("the next point is added, and nothing has to be read", () => {
  const grown = addNewest(curve([0, 1, 2]), { step: 3, value: 9, count: 4 }, 100);
  expect([...grown.steps]).toEqual([0, 1, 2, 3]);
  expect(grown.values[3]).toBe(9);
  expect(grown.count).toBe(4);
  expect(isIncomplete(grown)).toBe(false);
});

test("news that is known already changes nothing", () => {
  const before = curve([0, 1]);
  expect(addNewest(before, { step: 1, value: 1, count: 2 }, 0)).toBe(before);
});

test("a point with others before it is shown at once, and the others are to be read", () => {
  const grown = addNewest(curve([0, 1]), { step: 10, value: Number.NaN, count: 11 }, 0);
  expect([...grown.steps]).toEqual([0, 1, 10]);
  expect(grown.nNonfinite).toBe(1);
  expect(isIncomplete(grown)).toBe(true);
  const whole = addTail(grown, curve([2, 3, 4, 5, 6, 7, 8, 9, 10], 9, 1));
  expect([...whole.steps]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect([whole.count, whole.nNonfinite, isIncomplete(whole)]).toEqual([11, 1, false]);
});

test("a point behind the newest step, of another writer, is to be read", () => {
  const grown = addNewest(curve([0, 5]), { step: 3, value: 1, count: 3 }, 0);
  expect([...grown.steps]).toEqual([0, 5]);
  expect(isIncomplete(grown)).toBe(true);
});

test("a metric that just began grows from nothing", () => {
  const grown = addNewest(NO_CURVE, { step: 0, value: 1, count: 1 }, 0);
  expect([...grown.steps]).toEqual([0]);
  expect(isIncomplete(grown)).toBe(false);
});

test("a window is finer, the rest as before, and the counts are the window's", () => {
  const refined = refine(curve([0, 10, 20, 30, 40], 41), curve([15, 18, 20, 22, 25], 11));
  expect([...refined.steps]).toEqual([0, 10, 15, 18, 20, 22, 25, 30, 40]);
  expect(refined.count).toBe(11);
});

test("points that came after a window was read stay visible in it", () => {
  const grown = addNewest(curve([0, 10, 20], 21), { step: 21, value: 1, count: 22 }, 0);
  const refined = refine(grown, curve([15, 16, 17, 18, 19, 20], 6));
  expect([...refined.steps]).toEqual([0, 10, 15, 16, 17, 18, 19, 20, 21]);
});
