import { Alert, Box, Button, Group, List, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { root } from "~/api/client";
import { Caution } from "~/components/Caution";
import { CodeBlock } from "~/components/CodeBlock";
import { ErrorState, Loading } from "~/components/Feedback";
import { JsonTree } from "~/components/JsonTree";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import { formatBytes, formatNumber } from "~/format/number";
import { useAddress } from "~/state/address";
import type { TabProps } from "../tabs";
import { describeTolerance, listCommands, listParts } from "./manifest";
import { type Manifest, type PackedData, packAddress, useManifest } from "./queries";

const CHOICES: readonly { value: PackedData; label: string }[] = [
  { value: "small", label: "Data up to 20 MB each" },
  { value: "all", label: "All kept data" },
  { value: "none", label: "No data" },
];

/** What it takes to run this again, and what is missing for that. */
export default function ReproduceTab({ run }: TabProps) {
  const [wanted, setWanted] = useAddress("data", "small");
  const data = CHOICES.find(({ value }) => value === wanted)?.value ?? "small";
  const manifest = useManifest(run.run_id, data);
  if (manifest.isPending) return <Loading />;
  if (manifest.isError)
    return (
      <ErrorState
        error={manifest.error}
        what="Reading what repeats the run"
        retry={() => manifest.refetch()}
      />
    );
  return (
    <Stack gap="lg" maw={980}>
      <Text size="sm" maw="78ch">
        A pack is a ZIP archive with what ModelLab knows of this run: code, exact packages, data, seed,
        command and results. <code>modellab repro run</code> repeats the run from it, elsewhere and later, and
        says whether the results are the same.
      </Text>
      <Group gap="sm">
        <SegmentedControl
          aria-label="Which data the pack has"
          data={[...CHOICES]}
          value={data}
          onChange={(next) => setWanted(next)}
        />
        <Button
          component="a"
          href={root + packAddress(run.run_id, data)}
          download
          leftSection={<IconDownload size={14} />}
        >
          Download the pack
        </Button>
      </Group>
      <Weaknesses manifest={manifest.data} isRunning={run.status === "running"} />
      <Section title="Repeat it">
        <CodeBlock code={listCommands(manifest.data, data)} label="Copy the commands" />
        <Text size="sm" c="dimmed">
          A pack is a program: the last command runs its code with your rights, and asks first. Python and the
          packages go into an environment of their own, the new run into a store of its own.
        </Text>
      </Section>
      <Parts manifest={manifest.data} />
      <Expected manifest={manifest.data} />
      <Datasets manifest={manifest.data} />
      <details>
        <summary>The manifest as JSON</summary>
        <Box mt="xs">
          <JsonTree value={manifest.data} depth={1} />
        </Box>
      </details>
    </Stack>
  );
}

function Weaknesses({ manifest, isRunning }: { manifest: Manifest; isRunning: boolean }) {
  const { weaknesses } = manifest;
  if (weaknesses.length === 0 && !isRunning)
    return (
      <Alert color="teal" variant="light" title="Nothing is missing that ModelLab knows of">
        <Text size="sm">
          Services and files that the code uses by itself, and draws without a seed, are not seen.
        </Text>
      </Alert>
    );
  return (
    <Caution title="What may keep it from being the same">
      <List size="sm">
        {isRunning && <List.Item>The run goes on: its results are not final.</List.Item>}
        {weaknesses.map((weakness) => (
          <List.Item key={weakness} className="ml-wrap">
            {weakness}
          </List.Item>
        ))}
      </List>
    </Caution>
  );
}

function Parts({ manifest }: { manifest: Manifest }) {
  return (
    <Section title="What the pack has">
      <WideTable label="Parts of the pack">
        <Table.Tbody>
          {listParts(manifest).map(({ what, found }) => (
            <Table.Tr key={what}>
              <Table.Th scope="row" w={200} fw={400} c="dimmed">
                {what}
              </Table.Th>
              <Table.Td className="ml-wrap" c={found === null ? "var(--ml-warn)" : undefined}>
                {found ?? "not recorded"}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Section>
  );
}

function Expected({ manifest }: { manifest: Manifest }) {
  const { expected_metrics: metrics } = manifest;
  return (
    <Section title="What a second run should give">
      {metrics.length === 0 ? (
        <Text size="sm" c="dimmed">
          {manifest.status === "failed"
            ? "The run failed: it is reproduced if it fails again with the same error."
            : "No final metrics were recorded, so there is nothing to compare."}
        </Text>
      ) : (
        <WideTable label="Expected metrics">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Metric</Table.Th>
              <Table.Th className="ml-number">Expected</Table.Th>
              <Table.Th>The same if</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {metrics.map(({ name, value, tolerance }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400} className="ml-wrap">
                  {name}
                </Table.Th>
                <Table.Td className="ml-number" title={String(value)}>
                  {formatNumber(value, 6)}
                </Table.Td>
                <Table.Td c="dimmed">{describeTolerance(tolerance)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Section>
  );
}

function Datasets({ manifest }: { manifest: Manifest }) {
  if (manifest.datasets.length === 0) return null;
  return (
    <Section title="Data">
      <WideTable label="Datasets of the pack">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Dataset</Table.Th>
            <Table.Th>Used as</Table.Th>
            <Table.Th className="ml-number">Size</Table.Th>
            <Table.Th>SHA-256</Table.Th>
            <Table.Th>In the pack</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {manifest.datasets.map((dataset) => (
            <Table.Tr key={`${dataset.name} ${dataset.version} ${dataset.split}`}>
              <Table.Th scope="row" fw={400} className="ml-wrap">
                {dataset.name}, version {dataset.version}
              </Table.Th>
              <Table.Td>{dataset.split ?? "–"}</Table.Td>
              <Table.Td className="ml-number">{formatBytes(dataset.size)}</Table.Td>
              <Table.Td className="ml-mono" title={dataset.sha256}>
                {dataset.sha256.slice(0, 12)}
              </Table.Td>
              <Table.Td className="ml-wrap">{dataset.path ?? "its checksum alone; say where it is"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Section>
  );
}
