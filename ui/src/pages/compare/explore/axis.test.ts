import { expect, test } from "vitest";
import { digitsOf, isWhole, makeAxis, nameAt, partOf, varies } from "./axis";

test("numbers are an axis of numbers; NaN and infinities have no place on it", () => {
  const axis = makeAxis("metrics.loss", "loss", [0.5, "nan", "inf", null, 2]);
  expect(axis).toMatchObject({ kind: "value", places: [0.5, null, null, null, 2] });
});

test("learning rates over two orders of magnitude or more are on a logarithmic axis, with 0 they are not", () => {
  expect(makeAxis("params.lr", "lr", [1e-5, 1e-2]).kind).toBe("log");
  expect(makeAxis("params.lr", "lr", [0, 1e-2, 100]).kind).toBe("value");
});

test("texts are categories, numbers among them in their order first", () => {
  const axis = makeAxis("params.size", "size", ["big", 10, 9, true, null]);
  expect(axis.kind).toBe("category");
  expect([...axis.names].slice(0, 2)).toEqual(["9", "10"]);
  expect([0, 1, 4].map((run) => nameAt(axis, run))).toEqual(["big", "10", null]);
});

test("an axis without any value, or with one alone, does not vary", () => {
  expect(varies(makeAxis("params.x", "x", [null, null]))).toBe(false);
  expect(varies(makeAxis("params.x", "x", [1, 1, null]))).toBe(false);
  expect(varies(makeAxis("params.x", "x", [1, 2]))).toBe(true);
});

test("a part of an axis lies between two bounds, and an empty one is the end of the axis", () => {
  const rate = makeAxis("params.lr", "lr", [0.1, 0.3, null, 0.2]);
  expect(partOf(rate, 0.2, "")).toEqual([0.2, 0.3]);
  expect(partOf(rate, "", 0.2)).toEqual([0.1, 0.2]);
  expect(partOf(rate, 0.3, 0.1)).toEqual([0.1, 0.3]);
  expect(partOf(rate, "", "")).toBeNull();
  expect(partOf(makeAxis("params.model", "model", ["svm", "knn"]), "svm", "svm")).toEqual([1, 1]);
});

test("the marks of an axis have the digits that tell them apart", () => {
  const digits = (...values: number[]) => digitsOf(makeAxis("metrics.a", "a", values));
  expect([digits(0, 1), digits(0.953, 0.956), digits(0.5, 0.5), digits(1e-4, 1)]).toEqual([3, 5, 3, 3]);
  expect([isWhole(makeAxis("seed", "seed", [0, 3])), isWhole(makeAxis("lr", "lr", [0, 0.5]))]).toEqual([
    true,
    false,
  ]);
});
