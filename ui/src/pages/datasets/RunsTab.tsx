import { Anchor, Badge, Button, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Schemas } from "~/api/client";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { WideTable } from "~/components/WideTable";
import { formatNumber, MISSING } from "~/format/number";
import { formatAgo, formatDuration, formatMoment } from "~/format/time";
import { makeLink } from "~/state/address";
import { type Dataset, useUses } from "./queries";

const MAX_METRICS = 3;

/** The runs that used this version: where it went. */
export function RunsTab({ dataset }: { dataset: Dataset }) {
  const found = useUses(dataset.dataset_id);
  if (found.isPending) return <Loading />;
  if (found.isError)
    return <ErrorState error={found.error} what="Reading the runs" retry={() => void found.refetch()} />;
  const uses = found.data.pages.flatMap(({ items }) => items);
  const runs = new Map(found.data.pages.flatMap((page) => [...page.runs]));
  if (uses.length === 0)
    return (
      <EmptyState
        title="No run has used this version"
        code={`with modellab.start_run() as run:\n    run.log_dataset("${dataset.filename ?? "data.csv"}", name=${JSON.stringify(dataset.name)}, split="train")`}
      >
        A run names its data with <code>log_dataset</code>. The same bytes under the same name are this
        version.
      </EmptyState>
    );
  return (
    <Stack gap="sm">
      <Text size="sm">
        <Anchor
          component={Link}
          size="sm"
          to={makeLink("/runs", null, { q: `datasets.dataset_id = "${dataset.dataset_id}"` })}
        >
          Show them in the runs table
        </Anchor>
      </Text>
      <WideTable label="Runs that used this version" minWidth={700}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            <Table.Th>Split</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Final metrics</Table.Th>
            <Table.Th className="ml-number">Duration</Table.Th>
            <Table.Th className="ml-number">Started</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {uses.map((use) => (
            <UseRow key={`${use.run_id} ${use.split}`} use={use} run={runs.get(use.run_id)} />
          ))}
        </Table.Tbody>
      </WideTable>
      {found.hasNextPage && (
        <Button
          variant="default"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          Read more runs
        </Button>
      )}
    </Stack>
  );
}

function UseRow({ use, run }: { use: Schemas["DatasetUseBody"]; run: Schemas["ListedRunBody"] | undefined }) {
  return (
    <Table.Tr>
      <Table.Td maw={{ base: 190, sm: 320 }}>
        <RunLink run={run ?? { run_id: use.run_id }} />
      </Table.Td>
      <Table.Td>
        {use.split ? (
          <Badge color="gray" miw="max-content">
            {use.split}
          </Badge>
        ) : (
          MISSING
        )}
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>{run && <RunStatus status={run.status} />}</Table.Td>
      <Table.Td maw={360}>
        <div className="ml-text">{sayMetrics(run)}</div>
      </Table.Td>
      <Table.Td className="ml-number">{formatDuration(run?.duration_s)}</Table.Td>
      <Table.Td className="ml-number" title={formatMoment(run?.timestamp)}>
        {formatAgo(run?.timestamp)}
      </Table.Td>
    </Table.Tr>
  );
}

function sayMetrics(run: Schemas["ListedRunBody"] | undefined): string {
  const all = Object.entries(run?.final_metrics ?? {}).filter(([name]) => !name.startsWith("system/"));
  if (all.length === 0) return MISSING;
  const said = all.slice(0, MAX_METRICS).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return said.join(", ") + (all.length > MAX_METRICS ? `, and ${all.length - MAX_METRICS} more` : "");
}
