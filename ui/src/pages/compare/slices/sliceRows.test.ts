import { expect, test } from "vitest";
import { listByRun, listSlicePairs, type SliceVerdict, sortWorstFirst } from "./sliceRows";

const slice = (
  a: string,
  b: string,
  value: string,
  a_value: number | null,
  b_value: number | null,
  n = 100,
) =>
  ({
    ...{ a, b, value, a_value, b_value, n, attribute: "home" },
    difference: a_value === null || b_value === null ? null : b_value - a_value,
  }) as SliceVerdict;

const slices = [
  slice("x", "y", "farm", 0.9, 0.8),
  slice("x", "y", "town", 0.7, 0.9),
  slice("x", "y", "boat", null, null, 3),
  slice("x", "z", "farm", 0.9, 0.95),
];

test("pairs stand in the order of the answer", () => {
  expect(listSlicePairs(slices).map((pair) => pair.key)).toEqual(["x y", "x z"]);
});

test("where B falls furthest behind stands first, what was not tested last", () => {
  const pair = slices.slice(0, 3);
  expect(sortWorstFirst(pair, true).map((one) => one.value)).toEqual(["farm", "town", "boat"]);
  expect(sortWorstFirst(pair, false).map((one) => one.value)).toEqual(["town", "farm", "boat"]);
});

test("every run has its value on a slice, and the worst slice stands first", () => {
  const rows = listByRun(slices, true);
  expect(rows.map((row) => row.value)).toEqual(["town", "farm", "boat"]);
  expect(rows[1] && [...rows[1].values]).toEqual([
    ["x", 0.9],
    ["y", 0.8],
    ["z", 0.95],
  ]);
});
