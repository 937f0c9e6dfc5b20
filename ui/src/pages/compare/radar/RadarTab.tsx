import { Group, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useRef } from "react";
import { EmptyState } from "~/components/Feedback";
import { RunLink } from "~/components/RunLink";
import { WideTable } from "~/components/WideTable";
import { formatInterval, formatNumber } from "~/format/number";
import type { PartProps } from "../ComparisonView";
import { PictureMenu } from "../plots/PictureMenu";
import { RadarPlot } from "./RadarPlot";

const MOST = 8;

/** A few metrics on axes whose ranges are declared, with intervals; or why it cannot be drawn. */
export default function RadarTab({ comparison }: PartProps) {
  const plot = useRef<HTMLDivElement>(null);
  const isNarrow = useMediaQuery("(max-width: 48em)");
  const { radar } = comparison;
  if (radar.axes.length === 0)
    return (
      <EmptyState title="No radar can be drawn">
        <Text>{sayWhy(radar.note)}</Text>
        <Text>
          The ends of its axes are those that a metric can reach, such as 0 and 1. They never come from the
          runs that are shown: two runs that are nearly equal would look opposite.
        </Text>
      </EmptyState>
    );
  const runs = comparison.runs.slice(0, MOST);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed" maw="80ch">
          Each axis has the range that its metric can take, the best outside; bars are intervals. The area
          means nothing.
          {comparison.runs.length > MOST && ` The first ${MOST} of ${comparison.runs.length} runs are drawn.`}
        </Text>
        <PictureMenu name="Radar" find={() => plot.current?.querySelector("svg") ?? null} />
      </Group>
      <Group align="flex-start" gap="xl">
        <div ref={plot} style={{ flex: "1 1 420px", maxWidth: 640, minWidth: 0 }}>
          <RadarPlot radar={radar} runs={runs} isNarrow={isNarrow} />
        </div>
        <div style={{ flex: "1 1 360px", minWidth: 0 }}>
          <WideTable label="Values of the radar" minWidth={360}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Run</Table.Th>
                {radar.axes.map((axis) => (
                  <Table.Th key={axis.metric} ta="right">
                    {axis.label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {runs.map((run) => (
                <Table.Tr key={run.run_id}>
                  <Table.Td maw={180}>
                    <RunLink run={{ run_id: run.run_id, name: run.label }} />
                  </Table.Td>
                  {radar.axes.map((axis) => {
                    const point = axis.points[run.run_id];
                    return (
                      <Table.Td key={axis.metric} className="ml-number">
                        {formatNumber(point?.value)}
                        <Text size="xs" c="dimmed">
                          {formatInterval(point?.low, point?.high)}
                        </Text>
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        </div>
      </Group>
    </Stack>
  );
}

function sayWhy(note: string | null): string {
  const text = note ?? "There is nothing to draw";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
