import { expect, test } from "vitest";
import { panRange, zoomRange } from "./zoom";

test("zooming in keeps the place under the cursor", () => {
  expect(zoomRange([0, 100], [0, 100], 0.5, 20, false)).toEqual([10, 60]);
});

test("zooming out ends with all there is", () => {
  expect(zoomRange([20, 60], [0, 100], 2, 40, false)).toEqual([0, 80]);
  expect(zoomRange([20, 60], [0, 100], 9, 40, false)).toBeNull();
});

test("moving stops at the ends", () => {
  expect(panRange([20, 40], [0, 100], 0.5, false)).toEqual([30, 50]);
  expect(panRange([20, 40], [0, 100], -2, false)).toEqual([0, 20]);
  expect(panRange([70, 90], [0, 100], 2, false)).toEqual([80, 100]);
});

test("on a logarithmic axis distances are those of the eye", () => {
  const zoomed = zoomRange([1, 10_000], [1, 10_000], 0.5, 100, true);
  expect(zoomed?.[0]).toBeCloseTo(10, 9);
  expect(zoomed?.[1]).toBeCloseTo(1000, 9);
});
