import { Checkbox, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { countOf } from "~/format/number";
import { labelRun } from "~/format/run";
import { formatAgo } from "~/format/time";
import { useProject } from "~/state/address";
import { useCompareAddress } from "../address";
import { MAX_COMPARED } from "../comparison";
import type { TableRow } from "../queries";
import classes from "./pick.module.css";
import { useFoundRuns } from "./queries";
import { SeedGroups } from "./SeedGroups";
import { readTyped } from "./typed";

/** Choose runs: the newest, those that are found by name or query, or whole seed groups. */
export function RunPicker({ chosen }: { chosen: readonly string[] }) {
  const [text, setText] = useState("");
  const [typed] = useDebouncedValue(text, 200);
  const query = readTyped(typed);
  return (
    <Stack gap="lg">
      <Text c="dimmed" maw={760}>
        Choose 2 to {MAX_COMPARED} runs. What they scored is compared with the test that fits the data, and
        said with its interval; two numbers alone say nothing about chance. Runs that differ by their seed
        alone are best chosen as groups.
      </Text>
      <TextInput
        label="Find runs"
        placeholder='A name, or a query such as params.model = "svm"'
        leftSection={<IconSearch size={15} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maw={560}
      />
      <FoundRuns query={query} chosen={chosen} />
      <SeedGroups query={query} chosen={chosen} />
    </Stack>
  );
}

function FoundRuns({ query, chosen }: { query: string; chosen: readonly string[] }) {
  const found = useFoundRuns(query, useProject());
  const title = query === "" ? "Newest runs" : "Runs found";
  if (found.isPending) return <Loading lines={5} />;
  if (found.isError)
    return <ErrorState error={found.error} what="Finding runs" retry={() => found.refetch()} />;
  const { rows, total } = found.data;
  if (rows.length === 0 && query === "")
    return (
      <EmptyState
        title="No runs yet"
        code={
          'import modellab\n\nwith modellab.start_run("first") as run:\n    run.log_metrics({"accuracy": 0.9})'
        }
      >
        Record two runs, then compare them here.
      </EmptyState>
    );
  return (
    <Section title={title}>
      {rows.length === 0 ? (
        <Text c="dimmed">No run matches.</Text>
      ) : (
        <section
          className={classes.found}
          aria-label="Runs to choose from"
          style={{ opacity: found.isPlaceholderData ? 0.6 : 1 }}
        >
          <Table stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Td w={36} />
                <Table.Th>Run</Table.Th>
                <Table.Th>Status</Table.Th>
                <Table.Th visibleFrom="sm">Seed</Table.Th>
                <Table.Th>Started</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((run) => (
                <FoundRun key={run.run_id} run={run} chosen={chosen} />
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      {total > rows.length && (
        <Text size="xs" c="dimmed">
          The newest {rows.length} of {countOf(total, "run")}; a name or a query finds others.
        </Text>
      )}
    </Section>
  );
}

function FoundRun({ run, chosen }: { run: TableRow; chosen: readonly string[] }) {
  const { change } = useCompareAddress();
  const isChosen = chosen.includes(run.run_id);
  const toggle = () =>
    change({ run: isChosen ? chosen.filter((id) => id !== run.run_id) : [...chosen, run.run_id], pick: "1" });
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox size="xs" checked={isChosen} onChange={toggle} aria-label={`Compare ${labelRun(run)}`} />
      </Table.Td>
      <Table.Td className={classes.name}>
        <RunLink run={run} />
      </Table.Td>
      <Table.Td>
        <RunStatus status={run.status} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{run.seed}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>{formatAgo(run.started_at)}</Table.Td>
    </Table.Tr>
  );
}
