import { Button, Code, Group, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { Link } from "react-router";
import { Caution } from "~/components/Caution";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { WideTable } from "~/components/WideTable";
import { countOf, formatCount, formatNumber } from "~/format/number";
import { colorOf } from "~/format/run";
import { formatAgo } from "~/format/time";
import { useLink } from "~/state/address";
import { MIN_COMPARED } from "../compare/comparison";
import { toNumberOrNull } from "../compare/metrics/lines";
import { AxisTicks, RowMark } from "../compare/plots/IntervalAxis";
import { spanOf } from "../compare/plots/span";
import { type Asked, useFinal } from "./queries";

/** The best runs by a final value. No interval is known, so nothing is said of what can be told apart. */
export function FinalBoard({ asked }: { asked: Asked }) {
  const found = useFinal(asked, true);
  const link = useLink();
  if (found.isError)
    return <ErrorState error={found.error} what="Ranking the runs" retry={() => found.refetch()} />;
  if (found.data === undefined) return <Loading />;
  const { rows, total, isHigh } = found.data;
  if (rows.length === 0)
    return (
      <EmptyState title="No run to rank">
        No run of these has {asked.metric}
        {asked.query && ", or the query leaves none"}.
      </EmptyState>
    );
  const values = rows.map((row) => row.values[0] as Parameters<typeof toNumberOrNull>[0]);
  const range = spanOf(values.map(toNumberOrNull));
  return (
    <Stack gap="lg" style={{ opacity: found.isPlaceholderData ? 0.6 : 1 }}>
      <Caution title="Final values, without intervals">
        {asked.metric} was logged as a number, so how far these would differ by chance is not known, and none
        of them can be called the best. <Code>run.log_evaluation(predictions=…, labels=…)</Code> makes values
        with intervals and tests.
      </Caution>
      {rows.length >= MIN_COMPARED && (
        <Group>
          <Button
            variant="default"
            component={Link}
            to={link("/compare", { run: rows.map((row) => row.run_id), metric: asked.metric })}
          >
            Compare all {rows.length}
          </Button>
        </Group>
      )}
      <WideTable label="Leaderboard" minWidth={820}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className="ml-number">Place</Table.Th>
            <Table.Th>Run</Table.Th>
            <Table.Th className="ml-number">{asked.metric}</Table.Th>
            <Table.Th>
              <VisuallyHidden>Value on an axis</VisuallyHidden>
              <AxisTicks range={range} />
            </Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Started</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, at) => {
            const value = toNumberOrNull(values[at]);
            return (
              <Table.Tr key={row.run_id}>
                <Table.Td className="ml-number">{at + 1}</Table.Td>
                <Table.Td maw={280}>
                  <RunLink run={row} />
                </Table.Td>
                <Table.Td className="ml-number">{formatNumber(values[at])}</Table.Td>
                <Table.Td>
                  {value !== null && (
                    <RowMark
                      range={range}
                      value={value}
                      low={null}
                      high={null}
                      color={colorOf(row.run_id)}
                      first={null}
                    />
                  )}
                </Table.Td>
                <Table.Td>
                  <RunStatus status={row.status} />
                </Table.Td>
                <Table.Td style={{ whiteSpace: "nowrap" }}>{formatAgo(row.started_at)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </WideTable>
      <Text size="sm" c="dimmed">
        {isHigh ? "Highest" : "Lowest"} first
        {asked.order === null && asked.isHighBetter === null && ", for which is better is not known"};{" "}
        {formatCount(rows.length)} of {countOf(total, "run")} that have it.
      </Text>
    </Stack>
  );
}
