import { expect, test } from "vitest";
import { writeCsv } from "./csv";
import type { ChartSeries } from "./types";

const line: ChartSeries = {
  key: "a",
  label: "a",
  color: "",
  dash: [],
  x: [0, 1, 2, 3],
  y: [1e-300, Number.NaN, Number.NEGATIVE_INFINITY, null],
  nShown: 4,
  nTotal: 4,
  nNonfinite: 2,
};
const lines = (series: ChartSeries[], xKind: "step" | "elapsed" = "step", label = "step") =>
  [...writeCsv(series, xKind, label)].join("").trimEnd().split("\r\n");

test("each point is a row; NaN, infinity and gaps are told apart", () => {
  expect(lines([line])).toEqual(["series,step,value", "a,0,1e-300", "a,1,nan", "a,2,-inf", "a,3,"]);
});

test("steps and bands have columns where there are any", () => {
  const banded = { ...line, x: [0.5], y: [1], steps: [7], band: { low: [0], high: [2] } };
  expect(lines([banded], "elapsed", "seconds")).toEqual([
    "series,step,seconds,value,low,high",
    "a,7,0.5,1,0,2",
  ]);
});

test("a name is never a formula and never breaks the row", () => {
  const [, row] = lines([{ ...line, label: '=HYPERLINK("x"),\n', x: [0], y: [1] }]);
  expect([...writeCsv([{ ...line, label: '=A("x"),', x: [0], y: [1] }], "step", "step")].join("")).toContain(
    `"'=A(""x""),",0,1`,
  );
  expect(row).toContain("'=HYPERLINK");
});

test("a million points come in parts", () => {
  const x = Float64Array.from({ length: 50_000 }, (_, at) => at);
  expect([...writeCsv([{ ...line, x, y: x }], "step", "step")].length).toBe(3);
});
