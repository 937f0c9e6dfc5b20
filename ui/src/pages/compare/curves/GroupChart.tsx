import { Skeleton, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { type ChartSettings, LineChart } from "~/charts";
import { ErrorState } from "~/components/Feedback";
import { stylesOf } from "~/format/run";
import type { Comparison } from "../comparison";
import { makeMeanSeries, sayAlignment } from "./meanSeries";
import { useMeanCurves } from "./queries";

interface GroupChartProps {
  groups: Comparison["groups"];
  metric: string;
  settings: ChartSettings;
  onChange: (change: Partial<ChartSettings>) => void;
}

/** A metric of seed groups: the mean of each with its interval, and how runs are aligned. */
export function GroupChart({ groups, metric, settings, onChange }: GroupChartProps) {
  const range = settings.xKind === "step" ? settings.range : null;
  const { curves, error, isFetching } = useMeanCurves(groups, metric, range);
  const series = useMemo(() => {
    const styles = stylesOf(groups.map((group) => group.group_id));
    return groups.flatMap((group, at) => {
      const curve = curves[at];
      return curve === undefined ? [] : [makeMeanSeries(group, curve, styles[at])];
    });
  }, [groups, curves]);
  if (error) return <ErrorState error={error} what={`Reading ${metric}`} />;
  if (series.length === 0) return <Skeleton height={260} role="status" aria-label="Loading" />;
  return (
    <Stack gap={2}>
      <LineChart
        title={metric}
        series={series}
        xKind="step"
        xLog={settings.xLog}
        yLog={settings.yLog}
        smoothing={settings.smoothing}
        range={range}
        onRange={(next) => onChange({ xKind: "step", range: next })}
        syncKey="compare-groups"
        loading={isFetching}
      />
      <Text size="xs" c="dimmed">
        {sayAlignment(curves.filter((curve) => curve !== undefined))}
      </Text>
    </Stack>
  );
}
