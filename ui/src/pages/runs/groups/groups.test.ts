import { expect, test } from "vitest";
import type { RunGroups } from "../queries";
import { groupClause } from "./groupClause";
import { axisOf, keyColumns } from "./groupValues";

test("a group is found by what its runs have", () => {
  const key = { "params.model": "svm", "params.depth": 3, "tags.team": null };
  expect(groupClause("seed > 1", Object.keys(key), key, [])).toBe(
    'seed > 1 and params.model = "svm" and params.depth = 3 and tags.team is null',
  );
});

test("a group of seeds is found by its runs, because its key is not all it has", () => {
  expect(groupClause("", ["seed"], { "params.lr": 1 }, ["a", "b"])).toBe('run_id in ("a", "b")');
});

test("a text that looks like a number names its runs", () => {
  expect(groupClause("", ["params.depth"], { "params.depth": "10" }, ["a"])).toBe('run_id in ("a")');
});

test("all intervals of a metric are on one axis", () => {
  const mean = (estimate: number | null, low: number | null, high: number | null) => ({
    estimate,
    low,
    high,
  });
  const groups = [
    { metrics: [{ metric: "a", mean: mean(0.5, 0.4, 0.6) }] },
    { metrics: [{ metric: "a", mean: mean(0.9, null, null) }] },
    { metrics: [] },
  ] as unknown as RunGroups["groups"];
  expect(axisOf({ groups }, "a")).toEqual([0.4, 0.9]);
  expect(axisOf({ groups }, "__proto__")).toEqual([0, 1]);
});

test("what has most values among groups tells them apart first", () => {
  const groups = [
    { key: { "params.path": "p", "params.lr": 1, __proto__x: null } },
    { key: { "params.path": null, "params.lr": 2 } },
  ] as unknown as RunGroups["groups"];
  expect(keyColumns({ groups })).toEqual(["params.lr", "params.path", "__proto__x"]);
});
