import { Anchor, Badge, Button, Group, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { Link } from "react-router";
import { ErrorState, Loading } from "~/components/Feedback";
import { WideTable } from "~/components/WideTable";
import { formatBytes, formatCount, MISSING } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { useLink, useSetAddress } from "~/state/address";
import { sayChanges } from "./changes";
import { Difference } from "./Difference";
import { type Dataset, useVersions } from "./queries";

/** All versions of a name, the newest first: what each changed, and where its bytes come from. */
export function VersionsTab({ dataset }: { dataset: Dataset }) {
  const found = useVersions(dataset.dataset_id);
  if (found.isPending) return <Loading />;
  if (found.isError)
    return <ErrorState error={found.error} what="Reading the versions" retry={() => void found.refetch()} />;
  const versions = [...found.data.items].sort((a, b) => b.version - a.version);
  return (
    <Stack gap="md">
      <WideTable label="Versions" minWidth={820}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>Changed against the one before</Table.Th>
            <Table.Th className="ml-number">Rows</Table.Th>
            <Table.Th className="ml-number">Size</Table.Th>
            <Table.Th className="ml-number">Runs</Table.Th>
            <Table.Th>Bytes</Table.Th>
            <Table.Th className="ml-number">Added</Table.Th>
            <Table.Th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map((version) => (
            <VersionRow key={version.dataset_id} version={version} shown={dataset} />
          ))}
        </Table.Tbody>
      </WideTable>
      <Difference dataset={dataset} versions={versions} />
    </Stack>
  );
}

function VersionRow({ version, shown }: { version: Dataset; shown: Dataset }) {
  const link = useLink();
  const isShown = version.dataset_id === shown.dataset_id;
  const changes = sayChanges(version.changes);
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        {isShown ? (
          <Group gap={6} wrap="nowrap">
            <Text size="sm" fw={600}>
              {version.version}
            </Text>
            <Badge miw="max-content">shown</Badge>
          </Group>
        ) : (
          <Anchor component={Link} size="sm" to={link(`/datasets/${version.dataset_id}/versions`)}>
            {version.version}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td maw={360}>
        <Text size="sm" className="ml-wrap" c={changes.length === 0 ? "dimmed" : undefined}>
          {changes.length > 0
            ? changes.join("; ")
            : version.version === 1
              ? "the first version"
              : "not known: the columns of one of the two were not read"}
        </Text>
      </Table.Td>
      <Table.Td className="ml-number">
        {version.n_rows === null ? MISSING : formatCount(version.n_rows)}
      </Table.Td>
      <Table.Td className="ml-number">{formatBytes(version.size)}</Table.Td>
      <Table.Td className="ml-number">{formatCount(version.n_runs)}</Table.Td>
      <Table.Td>
        <Text size="xs" className="ml-mono" title={version.sha256}>
          {version.sha256.slice(0, 12)}
        </Text>
        {!version.is_stored && (
          <Text size="xs" c="dimmed">
            not kept here
          </Text>
        )}
      </Table.Td>
      <Table.Td className="ml-number" title={formatMoment(version.created_at)}>
        {formatAgo(version.created_at)}
      </Table.Td>
      <Table.Td>{!isShown && <CompareButton version={version} />}</Table.Td>
    </Table.Tr>
  );
}

function CompareButton({ version }: { version: Dataset }) {
  const setAddress = useSetAddress();
  return (
    <Button
      variant="subtle"
      aria-label={`Compare with version ${version.version}`}
      onClick={() => setAddress({ other: version.dataset_id })}
    >
      Compare
    </Button>
  );
}
