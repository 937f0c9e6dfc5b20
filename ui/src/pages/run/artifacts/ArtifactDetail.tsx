import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { root } from "~/api/client";
import { CopyIcon } from "~/components/CopyIcon";
import { formatBytes } from "~/format/number";
import { formatMoment } from "~/format/time";
import { Preview } from "./preview/Preview";
import { type Artifact, addressOf } from "./queries";
import { RemoveButton } from "./RemoveButton";
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
          {isWritable && (
            <RemoveButton
              runId={artifact.run_id}
              paths={[artifact.path]}
              name={artifact.path}
              kind="file"
              onRemoved={onRemoved}
            />
          )}
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
