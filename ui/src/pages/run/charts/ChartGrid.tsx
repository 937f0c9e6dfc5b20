import { memo, useMemo } from "react";
import { type ChartRun, type ChartSettings, CurveChart } from "~/charts";
import type { WholeRun } from "../queries";
import classes from "./Charts.module.css";

/** The run as charts take it; the same array while it is the same run. */
export function useChartRuns({ run_id, name, timestamp }: WholeRun): ChartRun[] {
  return useMemo(() => [{ run_id, name, started_at: timestamp }], [run_id, name, timestamp]);
}

interface ChartGridProps {
  runs: readonly ChartRun[];
  names: readonly string[];
  settings: ChartSettings;
  change: (change: Partial<ChartSettings>) => void;
  titleOf?: (name: string) => string;
}

/** Charts side by side, as many as there is room for. */
export const ChartGrid = memo(function ChartGrid({ runs, names, settings, change, titleOf }: ChartGridProps) {
  return (
    <div className={classes.grid}>
      {names.map((name) => (
        <div key={name} className={classes.chart}>
          <CurveChart
            runs={runs}
            metric={name}
            title={titleOf?.(name) ?? name}
            settings={settings}
            onRange={(range) => change({ range })}
            syncKey={runs[0]?.run_id}
            height={220}
          />
        </div>
      ))}
    </div>
  );
});
