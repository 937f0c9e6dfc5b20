import { Anchor, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { ErrorState, Loading } from "~/components/Feedback";
import { IntervalBar } from "~/components/Interval";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import { countOf, formatInterval, formatNumber } from "~/format/number";
import { useLink } from "~/state/address";
import { listMetrics, type MetricRow } from "../evaluation/metricRows";
import { useEvaluations } from "../evaluation/queries";
import type { WholeRun } from "../queries";

/** What evaluations say first: headline metrics with their intervals. */
export function Headlines({ run }: { run: WholeRun }) {
  const evaluations = useEvaluations(run.run_id);
  const link = useLink();
  if (evaluations.isPending) return <Loading lines={3} />;
  if (evaluations.isError)
    return (
      <ErrorState error={evaluations.error} what="Reading the evaluations" retry={evaluations.refetch} />
    );
  if (evaluations.data.length === 0) return null;
  return evaluations.data.map((evaluation) => (
    <Section
      key={evaluation.name}
      title={`Evaluation: ${evaluation.name}`}
      actions={
        <Anchor
          component={Link}
          size="sm"
          to={link(`/runs/${encodeURIComponent(run.run_id)}/evaluation`, { evaluation: evaluation.name })}
        >
          All of it
        </Anchor>
      }
    >
      <Stack gap="xs">
        <Text size="sm" className="ml-wrap">
          {firstSentence(evaluation.takeaway)}
        </Text>
        <MetricTable
          label={`Headline metrics of ${evaluation.name}`}
          rows={listMetrics({ ...evaluation, report: null }).headline.filter(({ value }) => value !== null)}
        />
        <Text size="xs" c="dimmed">
          {countOf(evaluation.n, "row")}; 95 % intervals
        </Text>
      </Stack>
    </Section>
  ));
}

function MetricTable({ label, rows }: { label: string; rows: readonly MetricRow[] }) {
  return (
    <WideTable label={label} minWidth={360}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Metric</Table.Th>
          <Table.Th className="ml-number">Value</Table.Th>
          <Table.Th colSpan={2}>Interval</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ name, value, interval, range, isPrimary }) => (
          <Table.Tr key={name}>
            <Table.Td fw={isPrimary ? 600 : undefined}>{name}</Table.Td>
            <Table.Td className="ml-number" fw={isPrimary ? 600 : undefined}>
              {formatNumber(value)}
            </Table.Td>
            <Table.Td style={{ whiteSpace: "nowrap" }}>
              {formatInterval(interval?.low, interval?.high)}
            </Table.Td>
            <Table.Td>
              <IntervalBar
                estimate={value}
                low={interval?.low}
                high={interval?.high}
                level={interval?.level}
                range={range}
                showsEnds
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

/** Up to a stop that ends a sentence rather than a number. */
function firstSentence(text: string): string {
  return /^[\s\S]*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}
