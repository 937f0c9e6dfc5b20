import { Badge, Button, Checkbox, Group, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "~/api/client";
import { mayAdminister, useMe } from "~/app/me";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { tellDone } from "~/components/notices";
import { TypedConfirmation } from "~/components/TypedConfirmation";
import { WideTable } from "~/components/WideTable";
import { formatAgo, formatDate, formatMoment } from "~/format/time";
import { useAddress } from "~/state/address";
import { NewKey } from "./NewKey";
import { NoLogin } from "./NoLogin";
import { type Key, useKeys } from "./queries";

/** Keys by which programs log in: one's own; for admins everyone's. */
export function Keys() {
  const { data: me, isPending } = useMe();
  const [isNew, setNew] = useState(false);
  const [showsEnded, setShowsEnded] = useAddress("ended");
  const found = useKeys(me?.login === true);
  if (isPending) return <Loading />;
  if (!me?.login) return <NoLogin what="keys" />;
  if (found.isPending) return <Loading />;
  if (found.isError)
    return <ErrorState error={found.error} what="Reading the keys" retry={() => void found.refetch()} />;
  const all = found.data.pages.flatMap(({ items }) => items);
  const keys = showsEnded === "1" ? all : all.filter((key) => stateOf(key) === "valid");
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Checkbox
          size="xs"
          label="Show ended keys"
          checked={showsEnded === "1"}
          onChange={(event) => setShowsEnded(event.currentTarget.checked ? "1" : null)}
        />
        <Button leftSection={<IconPlus size={15} />} onClick={() => setNew(true)}>
          New key
        </Button>
      </Group>
      {keys.length === 0 ? (
        <EmptyState title={all.length === 0 ? "No keys yet" : "No valid keys"}>
          A program logs in with a key: it sets MODELLAB_API_KEY, or sends the key as a bearer token.
        </EmptyState>
      ) : (
        <KeyTable keys={keys} hasUser={mayAdminister(me)} />
      )}
      {found.hasNextPage && (
        <Button variant="default" onClick={() => void found.fetchNextPage()}>
          Read more keys
        </Button>
      )}
      {isNew && <NewKey me={me} onClose={() => setNew(false)} />}
    </Stack>
  );
}

/** What has become of a key. */
function stateOf({ revoked_at, expires_at }: Key): "valid" | "revoked" | "expired" {
  if (revoked_at !== null) return "revoked";
  return expires_at !== null && Date.parse(expires_at) <= Date.now() ? "expired" : "valid";
}

function KeyTable({ keys, hasUser }: { keys: readonly Key[]; hasUser: boolean }) {
  return (
    <WideTable label="API keys" minWidth={760}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          {hasUser && <Table.Th>User</Table.Th>}
          <Table.Th>Scope</Table.Th>
          <Table.Th className="ml-number">Made</Table.Th>
          <Table.Th className="ml-number">Ends</Table.Th>
          <Table.Th className="ml-number">Last used</Table.Th>
          <Table.Th w={90}>
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <KeyRow key={key.key_id} apiKey={key} hasUser={hasUser} />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function KeyRow({ apiKey, hasUser }: { apiKey: Key; hasUser: boolean }) {
  const [isRevoking, setRevoking] = useState(false);
  const state = stateOf(apiKey);
  return (
    <Table.Tr>
      <Table.Td maw={260}>
        <div className="ml-text">{apiKey.name}</div>
        <Text size="xs" c="dimmed" className="ml-mono">
          mlk_{apiKey.key_id}…
        </Text>
      </Table.Td>
      {hasUser && (
        <Table.Td maw={180} className="ml-text">
          {apiKey.user}
        </Table.Td>
      )}
      <Table.Td>
        <Badge color="gray">{apiKey.scope}</Badge>
      </Table.Td>
      <Table.Td className="ml-number">{formatDate(apiKey.created_at)}</Table.Td>
      <Table.Td className="ml-number">
        {state === "valid" ? (apiKey.expires_at === null ? "never" : formatDate(apiKey.expires_at)) : state}
      </Table.Td>
      <Table.Td className="ml-number" title={formatMoment(apiKey.last_used_at)}>
        {apiKey.last_used_at === null ? "never" : formatAgo(apiKey.last_used_at)}
      </Table.Td>
      <Table.Td>
        {state === "valid" && (
          <Button
            variant="subtle"
            color="red"
            aria-label={`Revoke ${apiKey.name}`}
            onClick={() => setRevoking(true)}
          >
            Revoke
          </Button>
        )}
        {isRevoking && <Revoke apiKey={apiKey} onClose={() => setRevoking(false)} />}
      </Table.Td>
    </Table.Tr>
  );
}

function Revoke({ apiKey, onClose }: { apiKey: Key; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <TypedConfirmation
      title={`Revoke ${apiKey.name}`}
      word="revoke"
      submitLabel="Revoke"
      what="Revoking the key"
      onClose={onClose}
      onConfirm={async () => {
        await client.DELETE("/api/modellab/keys/{key_id}", { params: { path: { key_id: apiKey.key_id } } });
        await queries.invalidateQueries({ queryKey: ["keys"] });
        tellDone(`${apiKey.name} is revoked.`);
      }}
    >
      <Text size="sm">
        Programs that use it are refused from now on. Runs that are recording go on and keep what they record
        until they have another key.
      </Text>
      <Text size="sm" c="dimmed">
        {apiKey.last_used_at === null
          ? "It was never used."
          : `It was last used ${formatAgo(apiKey.last_used_at)}.`}
      </Text>
    </TypedConfirmation>
  );
}
