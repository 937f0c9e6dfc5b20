import { useMemo } from "react";
import { EChart, type EChartProps, type Palette } from "~/charts";
import { countOf } from "~/format/number";
import classes from "./Latency.module.css";
import { curveOption, histogramOption, levelsOption, listLines } from "./latencyOptions";
import { formatMs, nameLevel } from "./levels";
import type { LatencyReport, Level } from "./report";

/** The curve of percentiles, the histogram, and percentiles under growing load. */
export default function LatencyPlots({ report, level }: { report: LatencyReport; level: Level }) {
  const lines = useMemo(() => listLines(report.levels), [report]);
  const hasCurve = lines.some(({ distribution }) => distribution.curve.length > 1);
  const curve = useMemo(() => (palette: Palette) => curveOption(lines, palette), [lines]);
  const histogram = useMemo(() => (palette: Palette) => histogramOption(level.latency, palette), [level]);
  const load = useMemo(() => (palette: Palette) => levelsOption(report.levels, palette), [report]);
  const { latency } = level;
  return (
    <div className={classes.plots}>
      {hasCurve && (
        <Plot
          title="Percentile curve"
          option={curve}
          label={`Percentiles of ${lines.map(({ name }) => name).join("; ")}`}
          text="To the right are the slowest calls: each mark leaves out a tenth of what the one before left out. It ends where fewer than ten calls are slower."
        />
      )}
      <Plot
        title="Histogram"
        option={histogram}
        label={`Histogram of ${countOf(latency.n, "call")} from ${formatMs(latency.min_ms)} to ${formatMs(latency.max_ms)}`}
        text={`${nameLevel(level)}, ${countOf(latency.n, "call")}. The bins grow evenly in the logarithm and are the same in every report.`}
      />
      {new Set(report.levels.map(({ concurrency }) => concurrency)).size > 1 && (
        <Plot
          title="Under load"
          option={load}
          label={`Percentiles and throughput at ${countOf(report.levels.length, "load")}`}
          text="Dashed: calls a second, on the right."
        />
      )}
    </div>
  );
}

interface PlotProps extends Pick<EChartProps, "option" | "label"> {
  title: string;
  text: string;
}

function Plot({ title, option, label, text }: PlotProps) {
  return (
    <div className={classes.figure}>
      <EChart title={title} label={label} option={option} height={300} />
      <p className={classes.caption}>{text}</p>
    </div>
  );
}
