import { expect, test } from "vitest";
import { mergeX } from "./merge";

test("lines with the same x share it", () => {
  const { x, slots } = mergeX([
    [0, 1, 2],
    [0, 1, 2],
  ]);
  expect([...x]).toEqual([0, 1, 2]);
  expect(slots.map((slot) => [...slot])).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test("an x that a line has twice is kept twice", () => {
  const { x, slots } = mergeX([
    [1, 1, 2],
    [1, 3],
    [0, 1, 1, 1],
  ]);
  expect([...x]).toEqual([0, 1, 1, 1, 2, 3]);
  expect(slots.map((slot) => [...slot])).toEqual([
    [1, 2, 4],
    [1, 5],
    [0, 1, 2, 3],
  ]);
});

test("no lines and empty lines make an empty axis", () => {
  expect(mergeX([]).x.length).toBe(0);
  expect(mergeX([[], []]).x.length).toBe(0);
});
