import { expect, test } from "vitest";
import { shapeSparkline } from "./sparkline";

test("NaN leaves a gap, a value between gaps is a dot", () => {
  const { path, lonely } = shapeSparkline([1, 2, "nan", 3, null, 1, 2], 100, 20);
  expect(path.match(/M/g)).toHaveLength(2);
  expect(lonely).toHaveLength(1);
});

test("lowest and highest are marked, unless all values are alike", () => {
  expect(shapeSparkline([1, 5, 3], 100, 20).highest).toEqual([50, 2]);
  expect(shapeSparkline([2, 2], 100, 20)).toMatchObject({ path: "M2 10L98 10", lowest: null, highest: null });
});

test("nothing, and the greatest numbers there are, make no invalid path", () => {
  expect(shapeSparkline([], 100, 20).path).toBe("");
  expect(shapeSparkline([Number.MAX_VALUE, -Number.MAX_VALUE], 100, 20).path).toBe("M2 2L98 18");
});
