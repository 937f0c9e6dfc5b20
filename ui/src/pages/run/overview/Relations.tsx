import { Anchor, Group, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { ErrorState, Loading } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { WideTable } from "~/components/WideTable";
import { countOf, formatNumber } from "~/format/number";
import { formatDuration } from "~/format/time";
import { useLink } from "~/state/address";
import { useChildren, useRun, type WholeRun } from "../queries";

/** The run that this one is nested in, and those nested in it. */
export function Nested({ run }: { run: WholeRun }) {
  const parent = useRun(run.parent_id);
  if (run.parent_id === null && run.children.length === 0) return null;
  return (
    <Section title="Nested runs">
      {run.parent_id !== null && (
        <Group gap="xs" fz="sm">
          Nested in <RunLink run={{ run_id: run.parent_id, name: parent.data?.name }} />
        </Group>
      )}
      {run.children.length > 0 && <Children run={run} />}
    </Section>
  );
}

const MAX_METRICS = 3;

function Children({ run }: { run: WholeRun }) {
  const children = useChildren(run);
  if (children.isPending) return <Loading lines={3} />;
  if (children.isError)
    return <ErrorState error={children.error} what="Reading the nested runs" retry={children.refetch} />;
  const { items, next_cursor } = children.data;
  const names = [...new Set(items.flatMap((child) => Object.keys(child.final_metrics)))].slice(
    0,
    MAX_METRICS,
  );
  return (
    <Stack gap="xs">
      <WideTable label="Runs nested in this one" minWidth={420}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th className="ml-number">Duration</Table.Th>
            {names.map((name) => (
              <Table.Th key={name} className="ml-number">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((child) => (
            <Table.Tr key={child.run_id}>
              <Table.Td maw={320}>
                <RunLink run={child} />
              </Table.Td>
              <Table.Td>
                <RunStatus status={child.status} />
              </Table.Td>
              <Table.Td className="ml-number">{formatDuration(child.duration_s)}</Table.Td>
              {names.map((name) => (
                <Table.Td key={name} className="ml-number">
                  {formatNumber(Object.hasOwn(child.final_metrics, name) ? child.final_metrics[name] : null)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {next_cursor !== null && (
        <Text size="xs" c="dimmed">
          The newest {countOf(items.length, "run")}; there are more.
        </Text>
      )}
    </Stack>
  );
}

/** The data that the run says it used. */
export function Datasets({ run }: { run: WholeRun }) {
  const link = useLink();
  if (run.datasets.length === 0 && run.dataset_id === null) return null;
  const isNamed = run.datasets.some(({ dataset_id }) => dataset_id === run.dataset_id);
  return (
    <Section title="Datasets">
      <Stack gap={4}>
        {run.datasets.map(({ dataset_id, name, version, split }) => (
          <Group key={`${dataset_id} ${split}`} gap="xs" fz="sm">
            <Anchor
              component={Link}
              size="sm"
              className="ml-wrap"
              to={link(`/datasets/${encodeURIComponent(dataset_id)}`)}
            >
              {name}
            </Anchor>
            version {version}
            {split !== null && <Text size="sm" c="dimmed">{`for ${split}`}</Text>}
          </Group>
        ))}
        {run.dataset_id !== null && !isNamed && (
          <Text size="sm" className="ml-wrap">
            {run.dataset_id}{" "}
            <Text span c="dimmed">
              (a name only: no such dataset is kept here)
            </Text>
          </Text>
        )}
      </Stack>
    </Section>
  );
}
