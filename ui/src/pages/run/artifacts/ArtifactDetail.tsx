import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDownload, IconTrash } from "@tabler/icons-react";
import { root } from "~/api/client";
import { CopyIcon } from "~/components/CopyIcon";
import { tellDone, tellProblem } from "~/components/notices";
import { formatBytes } from "~/format/number";
import { formatMoment } from "~/format/time";
import { Preview } from "./preview/Preview";
import { type Artifact, addressOf, useRemoveArtifacts } from "./queries";
import { nameOf } from "./tree";

interface ArtifactDetailProps {
  artifact: Artifact;
  isWritable: boolean;
  onRemoved: () => void;
}

/** One file: what it is, what is in it, and what can be done with it. */
export function ArtifactDetail({ artifact, isWritable, onRemoved }: ArtifactDetailProps) {
  const name = nameOf(artifact.path);
  return (
    <Stack gap="sm" component="section" aria-label={name}>
      <Group justify="space-between" gap="sm">
        <Group gap={4} wrap="nowrap" miw={0}>
          <Text fw={600} className="ml-wrap">
            {artifact.path}
          </Text>
          <CopyIcon value={artifact.path} label="Copy the path" />
        </Group>
        <Group gap="xs">
          {artifact.is_stored && (
            <Button
              component="a"
              href={root + addressOf(artifact.run_id, artifact.path)}
              download={name}
              variant="default"
              leftSection={<IconDownload size={14} />}
            >
              Download
            </Button>
          )}
          {isWritable && <RemoveButton artifact={artifact} onRemoved={onRemoved} />}
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {formatBytes(artifact.size)} · {artifact.media_type} · logged {formatMoment(artifact.created_at)}
      </Text>
      <Group gap={4} wrap="nowrap" miw={0}>
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          SHA-256
        </Text>
        <Text size="xs" className="ml-mono ml-text" title={artifact.sha256}>
          {artifact.sha256}
        </Text>
        <CopyIcon value={artifact.sha256} label="Copy the checksum" />
      </Group>
      {artifact.is_stored ? <Preview artifact={artifact} /> : <NotStored artifact={artifact} />}
    </Stack>
  );
}

/** Its bytes are elsewhere: on their way, or never kept. */
function NotStored({ artifact }: { artifact: Artifact }) {
  return (
    <Alert color="gray" variant="light" title="The bytes are not here">
      <Text size="sm" className="ml-wrap">
        Only the path was recorded, or the file is still on the way from the machine that logged it as{" "}
        <code>{artifact.path}</code>. Sending the same file once more brings it back; its checksum is above.
      </Text>
    </Alert>
  );
}

function RemoveButton({ artifact, onRemoved }: Omit<ArtifactDetailProps, "isWritable">) {
  const remove = useRemoveArtifacts(artifact.run_id);
  const ask = () =>
    confirmRemoval(artifact.path, async () => {
      try {
        const freed = await remove.mutateAsync([artifact.path]);
        tellDone(`${artifact.path} is gone; ${formatBytes(freed)} are free.`);
        onRemoved();
      } catch (error) {
        tellProblem("Deleting the file", error);
      }
    });
  return (
    <Button
      variant="default"
      color="red"
      loading={remove.isPending}
      leftSection={<IconTrash size={14} />}
      onClick={ask}
    >
      Delete
    </Button>
  );
}

/** There is no way back, so it is asked first. */
export function confirmRemoval(what: string, remove: () => Promise<void>): void {
  modals.openConfirmModal({
    title: "Delete for good",
    children: (
      <Text size="sm" className="ml-wrap">
        {what} is deleted at once. Files have no trash: this cannot be undone.
      </Text>
    ),
    labels: { confirm: "Delete for good", cancel: "Keep" },
    confirmProps: { color: "red" },
    onConfirm: () => void remove(),
  });
}

/** The file as the server sends it, in a tab of its own. */
export function OpenLink({ artifact, sandbox = false }: { artifact: Artifact; sandbox?: boolean }) {
  return (
    <Anchor
      href={root + addressOf(artifact.run_id, artifact.path, sandbox)}
      target="_blank"
      rel="noopener noreferrer"
      size="sm"
    >
      Open in a tab of its own
    </Anchor>
  );
}
