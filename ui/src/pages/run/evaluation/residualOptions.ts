/** What charts of a regression's errors draw, as options of ECharts. */

import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "~/charts";
import { formatCount, formatNumber } from "~/format/number";
import { drawReach, TEXT_TOOLTIP } from "./classOptions";
import type { RegressionCurves } from "./report";

const GRID = { left: 60, right: 16, top: 12, bottom: 44 } as const;

function valueAxis(name: string, more: object = {}) {
  return {
    type: "value",
    name,
    nameLocation: "middle",
    nameGap: 28,
    scale: true,
    axisLabel: { formatter: (value: number) => formatNumber(value, 3), hideOverlap: true },
    ...more,
  };
}

function pair(xs: readonly number[], ys: readonly number[]): [number, number][] {
  return xs.map((x, at) => [x, ys[at] ?? Number.NaN]);
}

/** The least and greatest of many numbers; spreading thousands into Math.min may be too much for a stack. */
export function reachOf(...lists: readonly (readonly number[])[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists)
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return [low, high];
}

function points(data: [number, number][], palette: Palette, names: [string, string]): object {
  return {
    type: "scatter",
    data,
    symbolSize: data.length > 2000 ? 3 : 5,
    itemStyle: { color: palette.accent, opacity: 0.45 },
    tooltip: {
      formatter: ({ value }: { value: [number, number] }) =>
        `${names[0]} ${formatNumber(value[0])}\n${names[1]} ${formatNumber(value[1])}`,
    },
  };
}

function reference(palette: Palette, data: [number, number][]): object {
  return {
    type: "line",
    data,
    silent: true,
    showSymbol: false,
    lineStyle: { color: palette.unsure, type: [4, 4], width: 1.5 },
    tooltip: { show: false },
  };
}

/** Predictions against targets; on the line they are right. */
export function predictedOption(
  { target, prediction }: RegressionCurves["predicted_actual"],
  palette: Palette,
): EChartsCoreOption {
  const [low, high] = reachOf(target, prediction);
  return {
    grid: GRID,
    tooltip: { ...TEXT_TOOLTIP, trigger: "item" },
    xAxis: valueAxis("target"),
    yAxis: valueAxis("prediction", { nameGap: 46 }),
    series: [
      points(pair(target, prediction), palette, ["target", "prediction"]),
      reference(palette, [
        [low, low],
        [high, high],
      ]),
    ],
  };
}

/** Errors against predictions: a pattern here is something the model has not learned. */
export function residualOption(
  { prediction, residual }: RegressionCurves["residuals_by_prediction"],
  palette: Palette,
): EChartsCoreOption {
  const [low, high] = reachOf(prediction);
  return {
    grid: GRID,
    tooltip: { ...TEXT_TOOLTIP, trigger: "item" },
    xAxis: valueAxis("prediction"),
    yAxis: valueAxis("error", { nameGap: 46 }),
    series: [
      points(pair(prediction, residual), palette, ["prediction", "error"]),
      reference(palette, [
        [low, 0],
        [high, 0],
      ]),
    ],
  };
}

/** How many rows are how far off. */
export function errorOption(
  { edges, counts }: RegressionCurves["residual_histogram"],
  palette: Palette,
): EChartsCoreOption {
  return {
    grid: GRID,
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "axis",
      formatter: ([mark]: { dataIndex: number; value: number }[]) =>
        mark === undefined
          ? ""
          : `error ${formatNumber(edges[mark.dataIndex])} to ${formatNumber(edges[mark.dataIndex + 1])}\n${formatCount(mark.value)} rows`,
    },
    xAxis: {
      type: "category",
      data: counts.map((_, at) => formatNumber(edges[at], 3)),
      name: "error, from",
      nameLocation: "middle",
      nameGap: 28,
    },
    yAxis: { type: "value", name: "rows", nameLocation: "middle", nameGap: 46, minInterval: 1 },
    series: [{ type: "bar", data: counts, barCategoryGap: "4%", itemStyle: { color: palette.accent } }],
  };
}

/** Errors against those of a normal distribution, with the range that such errors stay in (95 %, pointwise). */
export function normalOption(
  { theoretical, observed, low, high, line }: NonNullable<RegressionCurves["quantile_quantile"]>,
  palette: Palette,
): EChartsCoreOption {
  const edge = (values: readonly (number | null)[]) => ({
    type: "line",
    data: theoretical.map((x, at) => [x, values[at] ?? null]),
    showSymbol: false,
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: palette.unsure, width: 1, opacity: 0.7 },
  });
  const [first, last] = reachOf(theoretical);
  const straight =
    line === null
      ? []
      : [
          reference(
            palette,
            [first, last].map((x): [number, number] => [x, line.intercept + line.slope * x]),
          ),
        ];
  return {
    grid: GRID,
    tooltip: { ...TEXT_TOOLTIP, trigger: "item" },
    xAxis: valueAxis("normal quantile"),
    yAxis: valueAxis("error", { nameGap: 46 }),
    series: [
      edge(low),
      edge(high),
      ...straight,
      points(pair(theoretical, observed), palette, ["normal quantile", "error"]),
    ],
  };
}

/** The mean error by tenths of the predictions, each with its interval. */
export function quantileOption(
  rows: RegressionCurves["error_by_quantile"],
  palette: Palette,
): EChartsCoreOption {
  return {
    grid: GRID,
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "item",
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const row = rows[dataIndex];
        if (row === undefined) return "";
        return [
          `predictions ${formatNumber(row.low)} to ${formatNumber(row.high)}: ${formatCount(row.n)} rows`,
          `mean error ${formatNumber(row.mean_error)} (${formatNumber(row.mean_error_low)} to ${formatNumber(row.mean_error_high)})`,
          `mean absolute error ${formatNumber(row.mean_absolute_error)}`,
        ].join("\n");
      },
    },
    xAxis: valueAxis("mean prediction"),
    yAxis: valueAxis("mean error", { nameGap: 46 }),
    series: [
      reference(palette, [
        [rows[0]?.mean_prediction ?? 0, 0],
        [rows.at(-1)?.mean_prediction ?? 1, 0],
      ]),
      {
        type: "custom",
        data: rows.map((row) => [
          row.mean_prediction,
          row.mean_error_low ?? row.mean_error,
          row.mean_error_high ?? row.mean_error,
        ]),
        silent: true,
        renderItem: drawReach(palette.accent),
        encode: { x: 0, y: [1, 2] },
      },
      {
        type: "scatter",
        data: rows.map((row) => [row.mean_prediction, row.mean_error]),
        symbolSize: 8,
        itemStyle: { color: palette.accent },
      },
    ],
  };
}
