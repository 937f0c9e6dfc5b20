import { expect, test } from "vitest";
import { findOutliers } from "./outliers";

const wave = Array.from({ length: 60 }, (_, at) => Math.sin(at / 8) + 0.05 * Math.sin(at * 7.1));

test("a spike far from its neighbours is an outlier", () => {
  const values = wave.slice();
  values[30] = 9;
  expect(findOutliers(values)).toEqual([30]);
});

test("a smooth curve has none, however far it goes", () => {
  expect(findOutliers(wave)).toEqual([]);
  expect(findOutliers(Array.from({ length: 100 }, (_, at) => Math.exp(-at / 20)))).toEqual([]);
});

test("a spike on a constant is one although the MAD is zero", () => {
  const values = new Array(50).fill(1);
  values[20] = 2;
  expect(findOutliers(values)).toEqual([20]);
});

test("gaps and NaN are passed over; few points have no outliers", () => {
  const values: (number | null)[] = wave.slice();
  values[10] = null;
  values[11] = Number.NaN;
  values[40] = -9;
  expect(findOutliers(values)).toEqual([40]);
  expect(findOutliers([1, 1, 100])).toEqual([]);
});
