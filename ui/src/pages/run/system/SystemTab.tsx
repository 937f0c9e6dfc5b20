import { Button, Group, Stack, Text } from "@mantine/core";
import { IconZoomReset } from "@tabler/icons-react";
import { useMemo } from "react";
import { type ChartSettings, useChartSettings } from "~/charts";
import { EmptyState } from "~/components/Feedback";
import { ChartGrid, useChartRuns } from "../charts/ChartGrid";
import { sayMachineMetric } from "../charts/groups";
import type { TabProps } from "../tabs";

const PREFIX = "system/";

/** How busy the machine was, over the time of the run. */
export default function SystemTab({ run }: TabProps) {
  const joined = Object.keys(run.metrics)
    .filter((name) => name.startsWith(PREFIX))
    .join("\n");
  const names = useMemo(() => (joined === "" ? [] : joined.split("\n")), [joined]);
  const runs = useChartRuns(run);
  const [found, change] = useChartSettings();
  // Their steps only count samples; what is asked is when.
  const settings = useMemo((): ChartSettings => ({ ...found, xKind: "elapsed", xMetric: "" }), [found]);
  if (names.length === 0)
    return (
      <EmptyState title="No load was recorded" code="MODELLAB_SYSTEM_METRICS_S=1 python train.py">
        A run samples processor, memory and GPUs every 5 seconds; one that is over sooner has no sample,
        unless it is told to take them more often.
      </EmptyState>
    );
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm" mih={30}>
        <Text size="sm" c="dimmed">
          Over the time since the run began. Drag on a chart to zoom all of them.
        </Text>
        {settings.range !== null && (
          <Button
            variant="default"
            leftSection={<IconZoomReset size={15} />}
            onClick={() => change({ range: null })}
          >
            Show all
          </Button>
        )}
      </Group>
      <ChartGrid runs={runs} names={names} settings={settings} change={change} titleOf={sayMachineMetric} />
    </Stack>
  );
}
