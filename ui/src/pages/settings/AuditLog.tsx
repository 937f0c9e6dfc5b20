import { Alert, Button, Group, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { mayAdminister, useMe } from "~/app/me";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { WideTable } from "~/components/WideTable";
import { MISSING } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { useAddress } from "~/state/address";
import { useAudit } from "./queries";

const KINDS = [
  "artifact",
  "dataset",
  "evaluation",
  "key",
  "latency",
  "project",
  "run",
  "session",
  "trash",
  "user",
  "view",
];

/** Who changed what, newest first; for admins. */
export function AuditLog() {
  const { data: me, isPending } = useMe();
  if (isPending) return <Loading />;
  if (!mayAdminister(me)) return <Alert color="gray">The audit log is for admins.</Alert>;
  return <Entries />;
}

function Entries() {
  const [kind, setKind] = useAddress("kind");
  const [actor, setActor] = useAddress("actor");
  const [target, setTarget] = useAddress("target");
  const [filter] = useDebouncedValue({ kind, actor: actor.trim(), target: target.trim() }, 250);
  const found = useAudit(filter, true);
  const entries = found.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <Select
          label="Kind"
          data={[{ value: "", label: "All" }, ...KINDS]}
          value={kind}
          onChange={(next) => setKind(next)}
        />
        <TextInput
          label="By"
          placeholder="The whole name"
          value={actor}
          onChange={(event) => setActor(event.currentTarget.value)}
        />
        <TextInput
          label="Target"
          placeholder="The whole id or name"
          value={target}
          onChange={(event) => setTarget(event.currentTarget.value)}
        />
        <Button variant="default" loading={found.isFetching} onClick={() => void found.refetch()}>
          Read anew
        </Button>
      </Group>
      {found.isPending ? (
        <Loading />
      ) : found.isError ? (
        <ErrorState error={found.error} what="Reading the audit log" retry={() => void found.refetch()} />
      ) : entries.length === 0 ? (
        <EmptyState title="No such entries">What is changed through this server is written here.</EmptyState>
      ) : (
        <AuditTable entries={entries} />
      )}
      {found.hasNextPage && (
        <Button
          variant="default"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          Read older entries
        </Button>
      )}
    </Stack>
  );
}

type Entry = NonNullable<ReturnType<typeof useAudit>["data"]>["pages"][number]["items"][number];

function AuditTable({ entries }: { entries: readonly Entry[] }) {
  return (
    <WideTable label="Audit log" minWidth={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>When</Table.Th>
          <Table.Th>By</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th>Target</Table.Th>
          <Table.Th>Details</Table.Th>
          <Table.Th>From</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={`${entry.at} ${entry.request_id} ${entry.action} ${entry.target}`}>
            <Table.Td title={formatMoment(entry.at)} style={{ whiteSpace: "nowrap" }}>
              {formatAgo(entry.at)}
            </Table.Td>
            <Table.Td
              maw={140}
              className="ml-text"
              title={entry.key_id ? `with key ${entry.key_id}` : undefined}
            >
              {entry.actor}
            </Table.Td>
            <Table.Td style={{ whiteSpace: "nowrap" }}>
              {entry.action} {entry.kind}
            </Table.Td>
            <Table.Td maw={240}>
              <Text size="xs" className="ml-mono ml-text" title={entry.target}>
                {entry.target || MISSING}
              </Text>
            </Table.Td>
            <Table.Td maw={340}>
              <Text size="xs" c="dimmed" className="ml-text" title={sayDetails(entry.details)}>
                {sayDetails(entry.details)}
              </Text>
            </Table.Td>
            <Table.Td style={{ whiteSpace: "nowrap" }}>{entry.address ?? MISSING}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function sayDetails(details: Entry["details"]): string {
  return Object.entries(details)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
