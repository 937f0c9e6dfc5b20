import { expect, test } from "vitest";
import { describeChart, drawSeries, findExtent, findNearest, noteWhatIsLeftOut } from "./drawn";
import type { Palette } from "./palette";
import { writeSvg } from "./svg";
import type { ChartSeries } from "./types";

const plain = { smoothing: 0, xLog: false, yLog: false, outliers: false };
const palette = new Proxy({}, { get: () => "#000" }) as Palette;

function line(y: (number | null)[], more: Partial<ChartSeries> = {}): ChartSeries {
  const x = y.map((_, at) => at);
  const n = y.length;
  return {
    key: "a",
    label: "a",
    color: "#123456",
    dash: [],
    x,
    y,
    nShown: n,
    nTotal: n,
    nNonfinite: 0,
    ...more,
  };
}
const options = {
  title: "loss",
  xKind: "step",
  xLabel: "Step",
  xLog: false,
  yLog: false,
  range: null,
  width: 400,
  height: 200,
  palette,
} as const;

test("NaN and infinity are gaps in the line and marks beside it", () => {
  const drawn = drawSeries(line([1, Number.NaN, Number.POSITIVE_INFINITY, null, 2]), plain);
  expect([...drawn.y]).toEqual([1, Number.NaN, Number.NaN, Number.NaN, 2]);
  expect(drawn.nonfinite).toEqual([
    { x: 1, kind: "NaN" },
    { x: 2, kind: "inf" },
  ]);
  expect(noteWhatIsLeftOut([drawn], null)).toEqual(["1 NaN, 1 inf."]);
});

test("logarithmic axes leave out what is not positive, and say so", () => {
  const drawn = drawSeries(line([0, -1, 2, 3]), { ...plain, xLog: true, yLog: true });
  expect([...drawn.x]).toEqual([1, 2, 3]);
  expect([...drawn.y]).toEqual([Number.NaN, 2, 3]);
  expect(noteWhatIsLeftOut([drawn], null)[0]).toMatch(/^2 points at or below 0/);
});

test("a reduced curve says how many points it has of how many", () => {
  const reduced = line([1, 2], { nTotal: 1_000_000, nNonfinite: 3 });
  expect(noteWhatIsLeftOut([drawSeries(reduced, { ...plain, smoothing: 0.5 })], null)).toEqual([
    "2 of 1\u202f000\u202f000 points, highs and lows kept.",
    "Smoothed over the points shown.",
    "3 NaN or infinite among those not drawn.",
  ]);
});

test("a live curve that is a few points behind is not said to be thinned out", () => {
  const live = line([1, 2], { nTotal: 3, isBehind: true, isWholeElse: true });
  expect(noteWhatIsLeftOut([drawSeries(live, plain)], null)).toEqual([
    "2 of 3 points; newer ones are being read.",
  ]);
});

test("of a range it says what is in the range, and when it does not know yet", () => {
  const reduced = line([1, Number.NaN, 2], { nTotal: Number.POSITIVE_INFINITY, isOfRange: true });
  expect(noteWhatIsLeftOut([drawSeries(reduced, plain)], [1.5, 3])).toEqual([
    "3 points in this range; finer ones are being read.",
  ]);
  const rough = line([1, 2], { nTotal: 500, isOfRange: true, isTotalRough: true });
  expect(noteWhatIsLeftOut([drawSeries(rough, plain)], [0, 1])).toEqual([
    "2 of about 500 points in this range, highs and lows kept.",
  ]);
});

test("the raw line stays behind the smoothed one, and counts for the extent", () => {
  const drawn = drawSeries(line([0, 10, 0]), { ...plain, smoothing: 0.9 });
  expect([...(drawn.raw ?? [])]).toEqual([0, 10, 0]);
  expect(findExtent([drawn], null)).toEqual([0, 10]);
  expect(findExtent([drawn], [1.5, 2])?.[1]).toBeLessThan(10);
});

test("the nearest point is one with a value, and none beyond the line's ends", () => {
  const drawn = drawSeries(line([1, Number.NaN, 3]), plain);
  expect(findNearest(drawn, 1.1, 0)).toBe(2);
  expect(findNearest(drawn, 0.9, 0)).toBe(0);
  expect(findNearest(drawn, 5, 0.5)).toBe(-1);
  expect(findNearest(drawSeries(line([]), plain), 0, 1)).toBe(-1);
});

test("a chart is told in words", () => {
  const text = describeChart("loss", [drawSeries(line([3, 1, 2]), plain)]);
  expect(text).toBe("loss, 1 line. a: first 3, last 2, lowest 1, highest 3.");
});

test("an SVG has the line, its label and what was left out, and no markup of a name", () => {
  const drawn = drawSeries(line([1, Number.NaN, 2], { label: "<script>&\u0000" }), plain);
  const svg = writeSvg([drawn], options);
  expect(svg).toContain("&lt;script&gt;&amp;</text>");
  expect(svg).toContain("NaN in &lt;script&gt;");
  expect(svg).not.toContain("<script>");
  expect(svg).not.toMatch(/(d|cx|cy|x|y)="[^"]*(NaN|Infinity|undefined)/);
});

test("an SVG of nothing, of one point and of a constant is drawn", () => {
  for (const y of [[], [5], [1e-300, 1e-300], [Number.NaN]]) {
    for (const yLog of [false, true]) {
      const svg = writeSvg([drawSeries(line(y), { ...plain, yLog })], { ...options, yLog });
      expect(svg).not.toMatch(/(d|cx|cy|x|y)="[^"]*(NaN|Infinity|undefined)/);
    }
  }
});
