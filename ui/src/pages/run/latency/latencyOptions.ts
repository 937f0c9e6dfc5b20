/** What charts of latency draw, as options of ECharts. */

import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "~/charts";
import { formatCount, formatNumber } from "~/format/number";
import { SERIES_DASHES } from "~/format/run";
import { formatMs, nameLevel, namePercentile, nameShare } from "./levels";
import type { Distribution, Level } from "./report";

const TEXT_TOOLTIP = { renderMode: "richText", confine: true } as const;
const GRID = { left: 64, right: 20, top: 16, bottom: 48 } as const;

/** One line of the percentile curve. */
export interface CurveLine {
  name: string;
  distribution: Distribution;
}

/** The lines of a report: one for each level, and beside the only level what else was counted. */
export function listLines(levels: readonly Level[]): CurveLine[] {
  const [only] = levels;
  if (levels.length !== 1 || only === undefined)
    return levels.map((level) => ({ name: nameLevel(level), distribution: level.latency }));
  return [
    { name: "latency", distribution: only.latency },
    ...(only.service ? [{ name: "service", distribution: only.service }] : []),
    ...(only.corrected ? [{ name: "corrected (made up in part)", distribution: only.corrected }] : []),
  ];
}

/** Where a share of calls stands on the axis: each step to the right leaves a tenth of the calls before. */
export function placeOf(q: number): number {
  return -Math.log10(1 - q);
}

function farthest(lines: readonly CurveLine[]): number {
  const ends = lines.map(({ distribution }) => distribution.curve.at(-1)?.q ?? 0);
  return Math.max(...ends.filter((q) => q < 1).map(placeOf), 1);
}

/** Percentiles against the share of calls, stretched so that the slowest calls have room. */
export function curveOption(lines: readonly CurveLine[], palette: Palette): EChartsCoreOption {
  const hasLegend = lines.length > 1;
  return {
    grid: { ...GRID, bottom: hasLegend ? 76 : 48 },
    legend: { show: hasLegend, type: "scroll", bottom: 0 },
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "axis",
      formatter: (marks: { seriesName: string; value: [number, number] }[]) =>
        marks
          .map(
            ({ seriesName, value }) =>
              `${seriesName}: ${nameShare(1 - 10 ** -value[0])} of calls within ${formatMs(value[1])}`,
          )
          .join("\n"),
    },
    xAxis: {
      type: "value",
      min: 0,
      max: Math.ceil(farthest(lines)),
      interval: 1,
      name: "share of calls",
      nameLocation: "middle",
      nameGap: 28,
      axisLabel: { formatter: (value: number) => nameShare(1 - 10 ** -value) },
    },
    yAxis: {
      type: "log",
      name: "ms",
      nameLocation: "middle",
      nameGap: 48,
      axisLabel: { formatter: (value: number) => formatNumber(value, 3) },
    },
    series: lines.map(({ name, distribution }, at) => ({
      type: "line",
      name,
      showSymbol: false,
      // A logarithmic axis has no place for 0, which a clock may give for what is too fast for it.
      data: distribution.curve.flatMap(({ q, value_ms: value }) =>
        value === null || value <= 0 || q >= 1 ? [] : [[placeOf(q), value]],
      ),
      itemStyle: { color: palette.series[at % palette.series.length] },
      lineStyle: {
        width: 2,
        type: [...(SERIES_DASHES[Math.floor(at / palette.series.length) % SERIES_DASHES.length] ?? [])],
      },
    })),
  };
}

/** How many calls took how long; the bins are twenty to a factor of ten. */
export function histogramOption(distribution: Distribution, palette: Palette): EChartsCoreOption {
  const { histogram_ms: edges, histogram_counts: counts } = distribution;
  return {
    grid: GRID,
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "axis",
      formatter: ([mark]: { dataIndex: number; value: number }[]) =>
        mark === undefined
          ? ""
          : `${formatNumber(edges[mark.dataIndex], 3)} to ${formatNumber(edges[mark.dataIndex + 1], 3)} ms\n${formatCount(mark.value)} calls`,
    },
    xAxis: {
      type: "category",
      data: counts.map((_, at) => formatNumber(edges[at], 3)),
      name: "ms, from",
      nameLocation: "middle",
      nameGap: 28,
    },
    yAxis: { type: "value", name: "calls", nameLocation: "middle", nameGap: 48, minInterval: 1 },
    series: [{ type: "bar", data: counts, barCategoryGap: "4%", itemStyle: { color: palette.accent } }],
  };
}

/** Percentiles and throughput against the number of workers. */
export function levelsOption(levels: readonly Level[], palette: Palette): EChartsCoreOption {
  const line = (name: string, read: (level: Level) => number | null, at: number, axis: number) => ({
    type: "line",
    name,
    yAxisIndex: axis,
    data: levels.map((level) => [level.concurrency, read(level)]),
    itemStyle: { color: palette.series[at] },
    lineStyle: { type: axis === 1 ? [8, 4] : "solid", width: 2 },
    symbolSize: 6,
  });
  const names = {
    [namePercentile(0.5)]: "p50_ms",
    [namePercentile(0.95)]: "p95_ms",
    [namePercentile(0.99)]: "p99_ms",
  } as const;
  return {
    grid: { ...GRID, right: 64, bottom: 76 },
    legend: { bottom: 0 },
    tooltip: {
      ...TEXT_TOOLTIP,
      trigger: "axis",
      formatter: (marks: { seriesName: string; value: [number, number | null] }[]) =>
        marks.map(({ seriesName, value }) => `${seriesName}: ${formatNumber(value[1])}`).join("\n"),
    },
    xAxis: { type: "value", name: "workers", nameLocation: "middle", nameGap: 28, minInterval: 1 },
    yAxis: [
      { type: "value", name: "ms", nameLocation: "middle", nameGap: 48 },
      { type: "value", name: "calls/s", nameLocation: "middle", nameGap: 52, splitLine: { show: false } },
    ],
    series: [
      ...Object.entries(names).map(([name, field], at) => line(name, (level) => level[field], at, 0)),
      line("throughput", (level) => level.throughput_per_s, 3, 1),
    ],
  };
}
