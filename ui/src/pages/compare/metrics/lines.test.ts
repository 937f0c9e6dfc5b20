import { expect, test } from "vitest";
import type { Comparison, PairVerdict } from "../comparison";
import type { Evaluation, ListedRun } from "../queries";
import { findDifference, type Line, listLines, orderRuns, spreadOf } from "./lines";

const interval = {
  low: 0.7,
  high: 0.9,
  level: 0.95,
  method: "bca",
  n_resamples: 1000,
  n_dropped: 0,
  seed: 0,
  note: null,
};
const pair = {
  a: "a",
  b: "b",
  metric: "accuracy",
  verdict: "better",
  difference: 0.1,
  interval: null,
} as PairVerdict;

const comparison = {
  runs: [{ run_id: "a" }, { run_id: "b" }],
  split: "test",
  verdicts: [pair],
  secondary: [],
  metrics: [
    {
      metric: "accuracy",
      higher_is_better: true,
      is_primary: true,
      values: { a: { estimate: 0.8, ...interval }, b: { estimate: 0.9, ...interval } },
    },
  ],
} as unknown as Comparison;

const evaluations = ["a", "b"].map((run_id) => [
  {
    run_id,
    name: "test",
    metrics: { accuracy: 0.8, kappa: 0.5 },
    intervals: { kappa: { estimate: 0.5, ...interval } },
  },
]) as unknown as Evaluation[][];

const runs = [
  {
    run_id: "a",
    final_metrics: JSON.parse('{"test/accuracy": 0.8, "__proto__": 1, "loss": "nan", "same": 2}'),
  },
  {
    run_id: "b",
    final_metrics: JSON.parse('{"test/accuracy": 0.9, "__proto__": 3, "loss": 0.5, "same": 2}'),
  },
] as unknown as ListedRun[];

const lines = listLines({ comparison, evaluations, runs });
const lineOf = (metric: string) => lines.find((line) => line.metric === metric) as Line;

test("the tested metric stands first, then evaluated and final ones, without copies under the split's name", () => {
  expect(lines.map((line) => [line.metric, line.kind])).toEqual([
    ["accuracy", "evaluated"],
    ["kappa", "evaluated"],
    ["__proto__", "final"],
    ["loss", "final"],
    ["same", "final"],
  ]);
});

test("a metric of any name keeps its values", () => {
  expect(lineOf("__proto__").cells.get("b")?.value).toBe(3);
});

test("only a run that was told apart is best", () => {
  expect(lineOf("accuracy").best).toBe("b");
  expect(lineOf("__proto__").best).toBeNull();
});

test("equal is what every run has with the same value", () => {
  expect(lines.filter((line) => line.isEqual).map((line) => line.metric)).toEqual(["kappa", "same"]);
});

test("a difference is that of the test, seen from the baseline, else the bare one", () => {
  expect(findDifference(lineOf("accuracy"), "a", "b", [pair])).toMatchObject({
    difference: -0.1,
    verdict: { verdict: "worse" },
  });
  expect(findDifference(lineOf("__proto__"), "b", "a", [pair])).toEqual({
    difference: 2,
    low: null,
    high: null,
    verdict: null,
  });
  expect(findDifference(lineOf("loss"), "b", "a", [pair])).toBeNull();
});

test("runs are ordered by a metric, those without a number last", () => {
  expect(orderRuns(["a", "b"], lineOf("accuracy"))).toEqual(["b", "a"]);
  expect(orderRuns(["a", "b"], lineOf("loss"))).toEqual(["b", "a"]);
  expect(orderRuns(["a", "b"], undefined)).toEqual(["a", "b"]);
});

test("the spread is against the size of the values", () => {
  expect(spreadOf(lineOf("__proto__"))).toBeCloseTo(2 / 3);
  expect(spreadOf(lineOf("loss"))).toBe(0);
});
