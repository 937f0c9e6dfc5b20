/** Options of ECharts for params and results. Pure; texts of people are only ever drawn, never made into HTML. */

import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "~/charts";
import { formatNumber } from "~/format/number";
import { type Axis, digitsOf, isWhole, nameAt, spanOf } from "./axis";

const MAX_LABEL = 18;

function cut(text: string): string {
  return text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL - 1)}…` : text;
}

/** One hue to another over grey: to be told apart with any colour vision, on light and on dark. */
function scaleOf(palette: Palette): string[] {
  return [palette.series[5] ?? palette.warn, palette.unsure, palette.series[0] ?? palette.accent];
}

/** A colour legend for an axis, as the value in dimension `dimension` of each item. */
function colorBy(axis: Axis, dimension: number, palette: Palette): EChartsCoreOption {
  const [min, max] = spanOf(axis);
  if (axis.kind === "category" && axis.names.length <= palette.series.length)
    return {
      type: "piecewise",
      dimension,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      selectedMode: false,
      textStyle: { color: palette.text },
      pieces: axis.names.map((name, at) => ({ value: at, label: cut(name), color: palette.series[at] })),
    };
  return {
    type: "continuous",
    dimension,
    min,
    max,
    calculable: false,
    orient: "horizontal",
    left: "center",
    bottom: 0,
    itemHeight: 160,
    text: [`${cut(axis.label)} ${labelOf(axis, max)}`, labelOf(axis, min)],
    inRange: { color: scaleOf(palette) },
  };
}

function labelOf(axis: Axis, place: number): string {
  return axis.kind === "category" ? cut(axis.names[place] ?? "") : formatNumber(place, 3);
}

/** Parallel coordinates: a line for each run, coloured by the last axis. */
export function drawParallel(axes: readonly Axis[], palette: Palette): EChartsCoreOption {
  const last = axes.at(-1);
  if (last === undefined) return {};
  const count = last.places.length;
  return {
    parallel: { left: 60, right: 90, top: 40, bottom: 64 },
    parallelAxis: axes.map((axis, dim) => ({
      dim,
      name: cut(axis.label),
      type: axis.kind,
      ...(axis.kind === "category" ? { data: axis.names } : { scale: true }),
      ...(isWhole(axis) && { minInterval: 1 }),
      nameTextStyle: { color: palette.text },
      axisLabel: {
        color: palette.axis,
        formatter: (value: string | number) =>
          typeof value === "number" ? formatNumber(value, digitsOf(axis)) : cut(String(value)),
      },
      areaSelectStyle: { color: palette.accent, opacity: 0.2 },
    })),
    visualMap: colorBy(last, axes.length - 1, palette),
    series: {
      type: "parallel",
      lineStyle: { width: 1.5, opacity: 0.65 },
      inactiveOpacity: 0.06,
      activeOpacity: 0.9,
      data: Array.from({ length: count }, (_, run) => axes.map((axis) => axis.places[run] ?? "-")),
    },
  };
}

export interface ScatterAxes {
  x: Axis;
  y: Axis;
  color: Axis | null;
  size: Axis | null;
}

/** A mark for each run that has both; colour and size by other fields. */
export function drawScatter(
  { x, y, color, size }: ScatterAxes,
  labels: readonly string[],
  palette: Palette,
): EChartsCoreOption {
  const [least, most] = size === null ? [0, 1] : spanOf(size);
  const points = labels.flatMap((label, run) => {
    const [here, there] = [x.places[run] ?? null, y.places[run] ?? null];
    if (here === null || there === null) return [];
    const share = size === null ? 0.3 : ((size.places[run] ?? least) - least) / (most - least || 1);
    return [
      { value: [here, there, color?.places[run] ?? "-", run], name: label, symbolSize: 8 + 14 * share },
    ];
  });
  return {
    grid: { left: 70, right: 24, top: 20, bottom: color === null ? 48 : 92 },
    tooltip: {
      // Drawn, not HTML: names are the texts of people.
      renderMode: "richText",
      formatter: ({ name, value }: { name: string; value: number[] }) => {
        const run = value[3] ?? 0;
        const shown = [x, y, color, size].filter((axis) => axis !== null);
        return [cut(name), ...shown.map((axis) => `${cut(axis.label)}: ${write(nameAt(axis, run))}`)].join(
          "\n",
        );
      },
    },
    xAxis: drawAxis(x, palette, 28),
    yAxis: drawAxis(y, palette, 52),
    ...(color !== null && { visualMap: colorBy(color, 2, palette) }),
    series: {
      type: "scatter",
      data: points,
      itemStyle: { opacity: 0.75, ...(color === null && { color: palette.accent }) },
    },
  };
}

function drawAxis(axis: Axis, palette: Palette, nameGap: number): EChartsCoreOption {
  return {
    type: axis.kind,
    name: cut(axis.label),
    nameLocation: "middle",
    nameGap,
    ...(axis.kind === "category" ? { data: axis.names } : { scale: true }),
    axisLabel: {
      color: palette.axis,
      formatter: (value: string | number) =>
        typeof value === "number" ? formatNumber(value, 3) : cut(String(value)),
    },
  };
}

function write(value: string | number | null): string {
  return typeof value === "number" ? formatNumber(value) : cut(value ?? "–");
}
