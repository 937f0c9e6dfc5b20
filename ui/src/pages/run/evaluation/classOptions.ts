/** What charts of a classification draw, as options of ECharts. Tooltips are drawn as text: names may be HTML. */

import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "~/charts";
import { formatCount, formatNumber } from "~/format/number";
import { SERIES_DASHES } from "~/format/run";
import { type Calibration, type ConfidenceHistogram, nameClass, type PrCurve, type RocCurve } from "./report";

const LONGEST_LABEL = 28;

/** A name where there is room for few characters. */
export function shorten(name: string, longest = LONGEST_LABEL): string {
  const characters = [...name];
  return characters.length <= longest ? name : `${characters.slice(0, longest - 1).join("")}…`;
}

/** The tooltip of all charts here: text on the canvas, never HTML. */
export const TEXT_TOOLTIP = { renderMode: "richText", confine: true } as const;

/** An axis from 0 to 1 with a name below or beside it. */
export function shareAxis(name: string) {
  return { type: "value", min: 0, max: 1, name, nameLocation: "middle", nameGap: 28 } as const;
}

const GRID = { left: 44, right: 16, top: 12, bottom: 44, containLabel: false } as const;

interface Curve {
  label: string;
  points: [number, number][];
}

function drawCurves(
  curves: readonly Curve[],
  names: { x: string; y: string },
  palette: Palette,
  extra: readonly object[],
): EChartsCoreOption {
  const hasLegend = curves.length > 1;
  return {
    grid: { ...GRID, bottom: hasLegend ? 72 : 44 },
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "axis",
      formatter: (marks: { seriesName: string; value: [number, number] }[]) =>
        marks
          .map(
            ({ seriesName, value }) =>
              `${shorten(seriesName)}: ${names.x} ${formatNumber(value[0], 3)}, ${names.y} ${formatNumber(value[1], 3)}`,
          )
          .join("\n"),
    },
    legend: {
      show: hasLegend,
      type: "scroll",
      bottom: 0,
      data: curves.map(({ label }) => label),
      formatter: (name: string) => shorten(name),
    },
    xAxis: shareAxis(names.x),
    yAxis: { ...shareAxis(names.y), nameGap: 32 },
    series: [
      ...curves.map(({ label, points }, at) => ({
        type: "line",
        name: label,
        data: points,
        showSymbol: false,
        // More classes than colours are told apart by their dashes.
        itemStyle: { color: palette.series[at % palette.series.length] },
        lineStyle: { width: 2, type: [...(SERIES_DASHES[Math.floor(at / palette.series.length)] ?? [])] },
      })),
      ...extra,
    ],
  };
}

function pair(xs: readonly number[], ys: readonly number[]): [number, number][] {
  return xs.map((x, at) => [x, ys[at] ?? Number.NaN]);
}

/** A line that stands for what no model is needed for. */
function referenceLine(palette: Palette, points: [number, number][]) {
  return {
    type: "line",
    data: points,
    showSymbol: false,
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: palette.unsure, type: [4, 4], width: 1 },
    itemStyle: { color: palette.unsure },
    name: "chance",
  };
}

/** Hits against false alarms, a curve for each class. */
export function rocOption(curves: readonly RocCurve[], palette: Palette): EChartsCoreOption {
  const chance = referenceLine(palette, [
    [0, 0],
    [1, 1],
  ]);
  return drawCurves(
    curves.map((curve) => ({ label: nameClass(curve.class), points: pair(curve.fpr, curve.tpr) })),
    { x: "false positive rate", y: "true positive rate" },
    palette,
    [chance],
  );
}

/** Precision against recall, a curve for each class; the dashed line is the share of the only class. */
export function prOption(curves: readonly PrCurve[], n: number, palette: Palette): EChartsCoreOption {
  const [only] = curves;
  const share = curves.length === 1 && only ? only.n_positive / n : null;
  const chance = share === null ? [] : [[0, share] as [number, number], [1, share] as [number, number]];
  return drawCurves(
    curves.map((curve) => ({ label: nameClass(curve.class), points: pair(curve.recall, curve.precision) })),
    { x: "recall", y: "precision" },
    palette,
    chance.length > 0 ? [referenceLine(palette, chance)] : [],
  );
}

/** How to draw a mark of a custom series: the part of ECharts' interface that is used here. */
export interface Drawing {
  value(dimension: number): number;
  coord(point: [number, number]): [number, number];
}

/** A vertical bar from dimension 1 to dimension 2 at the x of dimension 0. */
export function drawReach(color: string) {
  return (_: unknown, api: Drawing) => {
    const [x, low] = api.coord([api.value(0), api.value(1)]);
    const [, high] = api.coord([api.value(0), api.value(2)]);
    return {
      type: "line",
      shape: { x1: x, y1: low, x2: x, y2: high },
      style: { stroke: color, lineWidth: 1.5 },
    };
  };
}

/** A box from dimension 0 to 1 across, and from 2 to 3 up. */
function drawBox(color: string) {
  return (_: unknown, api: Drawing) => {
    const [left, top] = api.coord([api.value(0), api.value(3)]);
    const [right, bottom] = api.coord([api.value(1), api.value(2)]);
    const shape = { x: left, y: top, width: right - left, height: bottom - top };
    return { type: "rect", shape, style: { fill: color, opacity: 0.22 } };
  };
}

/** Frequencies by probability, each with its Wilson interval, on the range that chance alone gives. */
export function calibrationOption(calibration: Calibration, palette: Palette): EChartsCoreOption {
  const bins = calibration.bins.flatMap((bin, at) =>
    bin.n > 0 && bin.mean_probability !== null && bin.frequency !== null ? [{ ...bin, at }] : [],
  );
  const band = bins.flatMap(({ low, high, at }) => {
    const [least, most] = [calibration.null?.low[at], calibration.null?.high[at]];
    return typeof least === "number" && typeof most === "number" ? [[low, high, least, most]] : [];
  });
  return {
    grid: { ...GRID, bottom: 72 },
    legend: { type: "scroll", bottom: 0, data: ["observed", "chance alone"] },
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "item",
      formatter: ({ dataIndex }: { dataIndex: number }) => describeBin(bins[dataIndex]),
    },
    xAxis: shareAxis(`predicted probability${calibration.of ? ` of ${shorten(calibration.of)}` : ""}`),
    yAxis: { ...shareAxis("observed frequency"), nameGap: 32 },
    series: [
      {
        type: "custom",
        name: "chance alone",
        data: band,
        silent: true,
        renderItem: drawBox(palette.unsure),
        encode: { x: [0, 1], y: [2, 3] },
        itemStyle: { color: palette.unsure, opacity: 0.4 },
      },
      referenceLine(palette, [
        [0, 0],
        [1, 1],
      ]),
      {
        type: "custom",
        name: "interval",
        data: bins.map((bin) => [bin.mean_probability, bin.wilson_low, bin.wilson_high]),
        silent: true,
        renderItem: drawReach(palette.accent),
        encode: { x: 0, y: [1, 2] },
      },
      {
        type: "line",
        name: "observed",
        data: bins.map((bin) => [bin.mean_probability, bin.frequency]),
        symbolSize: 8,
        lineStyle: { color: palette.accent, width: 1, opacity: 0.5 },
        itemStyle: { color: palette.accent },
      },
    ],
  };
}

function describeBin(bin: Calibration["bins"][number] | undefined): string {
  if (bin === undefined) return "";
  return [
    `probability ${formatNumber(bin.low, 2)} to ${formatNumber(bin.high, 2)}: ${formatCount(bin.n)} rows`,
    `mean probability ${formatNumber(bin.mean_probability, 3)}`,
    `frequency ${formatNumber(bin.frequency, 3)} (${formatNumber(bin.wilson_low, 3)} to ${formatNumber(bin.wilson_high, 3)})`,
  ].join("\n");
}

/** How sure the model was, of right and of wrong rows. */
export function confidenceOption(histogram: ConfidenceHistogram, palette: Palette): EChartsCoreOption {
  const { edges, correct, wrong } = histogram;
  const labels = correct.map((_, at) => formatNumber(edges[at], 3));
  const bars = (name: string, data: number[], color: string) => ({
    type: "bar",
    stack: "rows",
    name,
    data,
    barCategoryGap: "6%",
    itemStyle: { color },
  });
  return {
    grid: { left: 52, right: 16, top: 12, bottom: 72 },
    legend: { bottom: 0 },
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "axis",
      formatter: (marks: { seriesName: string; value: number; dataIndex: number }[]) => {
        const at = marks[0]?.dataIndex ?? 0;
        const range = `confidence ${formatNumber(edges[at], 3)} to ${formatNumber(edges[at + 1], 3)}`;
        return [range, ...marks.map((mark) => `${mark.seriesName}: ${formatCount(mark.value)} rows`)].join(
          "\n",
        );
      },
    },
    xAxis: { type: "category", data: labels, name: "confidence, from", nameLocation: "middle", nameGap: 28 },
    yAxis: { type: "value", name: "rows", nameLocation: "middle", nameGap: 38, minInterval: 1 },
    series: [
      bars("right", correct, palette.accent),
      bars("wrong", wrong, palette.series[1] ?? palette.worse),
    ],
  };
}
