import { expect, test } from "vitest";
import { readTop } from "./address";
import { chooseMetric, type Entry, listSplits, listTied, sortMetrics, standingOf } from "./choices";

const names = [
  "test/accuracy",
  "test/f1",
  "accuracy",
  "val_loss",
  "train/loss",
  "system/cpu",
  "latency/x/p50_ms",
];

test("metrics of evaluations on the split stand apart from final values, and are not twice there", () => {
  expect(sortMetrics(names, "test")).toEqual({
    evaluated: ["accuracy", "f1"],
    final: ["val_loss", "train/loss", "latency/x/p50_ms"],
  });
});

test("a leaderboard begins with a metric that has intervals, if there is any", () => {
  expect(chooseMetric(sortMetrics(names, "test"))).toBe("accuracy");
  expect(chooseMetric(sortMetrics(["val_loss"], "test"))).toBe("val_loss");
  expect(chooseMetric(sortMetrics([], "test"))).toBeNull();
});

test("splits are what stands before the names of metrics", () => {
  expect(listSplits(names)).toEqual(["test", "train"]);
});

test("ties are the first and those that cannot be told apart from it, wherever they stand", () => {
  const entry = (rank: number, can_be_told_apart: boolean | null) => ({ rank, can_be_told_apart }) as Entry;
  const entries = [entry(1, null), entry(2, true), entry(3, false), entry(4, null)];
  expect(entries.map(standingOf)).toEqual(["first", "apart", "tied", "untested"]);
  expect(listTied(entries).map((one) => one.rank)).toEqual([1, 3]);
  expect(listTied([entry(1, null), entry(2, true)])).toEqual([]);
});

test("how many are shown is 1 to 50", () => {
  expect(["5", "0", "51", "x", ""].map(readTop)).toEqual([5, 10, 10, 10, 10]);
});
