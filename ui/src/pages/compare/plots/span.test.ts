import { expect, test } from "vitest";
import { spanOf } from "./span";

test("what is no number does not stretch the axis", () => {
  expect(spanOf([0.1, null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 0.4])).toEqual([0.1, 0.4]);
});

test("one value has room around it, and nothing has an axis too", () => {
  expect(spanOf([10])).toEqual([9, 11]);
  expect(spanOf([0, 0])).toEqual([-1, 1]);
  expect(spanOf([])).toEqual([0, 1]);
});
