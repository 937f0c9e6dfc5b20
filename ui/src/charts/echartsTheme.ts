import type { Palette } from "./palette";

/** The app's colours and type as a theme of ECharts. */
export function makeTheme(palette: Palette): Record<string, unknown> {
  const axis = {
    axisLine: { show: true, lineStyle: { color: palette.axis } },
    axisTick: { lineStyle: { color: palette.axis } },
    axisLabel: { color: palette.axis, fontSize: 12 },
    nameTextStyle: { color: palette.axis, fontSize: 12 },
    splitLine: { lineStyle: { color: palette.grid } },
    splitArea: { show: false },
  };
  const text = { color: palette.text };
  return {
    darkMode: palette.scheme === "dark",
    color: [...palette.series],
    backgroundColor: "transparent",
    textStyle: { fontFamily: palette.font, fontSize: 12, ...text },
    title: { textStyle: { ...text, fontSize: 14, fontWeight: 600 }, subtextStyle: { color: palette.dimmed } },
    legend: { textStyle: text, inactiveColor: palette.unsure, pageTextStyle: text },
    tooltip: {
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { ...text, fontSize: 12 },
      axisPointer: { lineStyle: { color: palette.axis }, crossStyle: { color: palette.axis } },
      confine: true,
    },
    visualMap: { textStyle: text },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    logAxis: axis,
    timeAxis: axis,
    line: { symbol: "circle", symbolSize: 5, lineStyle: { width: 1.5 } },
    radar: {
      axisName: { color: palette.text },
      axisLine: { lineStyle: { color: palette.line } },
      splitLine: { lineStyle: { color: palette.line } },
      splitArea: { show: false },
    },
    parallel: {
      parallelAxisDefault: { ...axis, nameTextStyle: { ...text, fontSize: 12 } },
    },
  };
}
