import { expect, test } from "vitest";
import type { Schemas } from "~/api/client";
import { makeMeanSeries, sayAlignment } from "./meanSeries";

const curve: Schemas["MeanCurveBody"] = {
  ...{
    metric: "loss",
    run_ids: ["a", "b"],
    missing: [],
    count: 4,
    n_nonfinite: 1,
    n_shown: 2,
    reduced: false,
  },
  ...{
    stretch: 1,
    steps: [0, 1],
    n: [2, 1],
    mean: [2, 1],
    low: [1.5, null],
    high: [2.5, null],
    min: [1.8, 1],
    max: [2.2, 1],
  },
};

test("a group is its mean, with the interval and the extremes around it", () => {
  const series = makeMeanSeries({ group_id: "g", label: "svm (2 seeds)" }, curve);
  expect(series).toMatchObject({ key: "g", y: [2, 1], nShown: 2, nTotal: 2, nNonfinite: 1 });
  expect(series.band?.low).toEqual([1.5, null]);
  expect(series.extremes?.high).toEqual([2.2, 1]);
});

test("it is said by which rule runs are aligned, and how many there are", () => {
  expect(sayAlignment([curve])).toContain("aligned by step");
  expect(sayAlignment([curve])).toContain("A step rests on 1 to 2 runs.");
  expect(sayAlignment([{ ...curve, stretch: 10, n: [2, 2] }])).toMatch(/stretches of 10 steps(?!.*rests on)/);
});
