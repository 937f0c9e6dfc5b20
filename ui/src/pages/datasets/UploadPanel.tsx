import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Loader,
  Paper,
  Progress,
  Stack,
  Text,
  Tooltip,
} from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconRefresh, IconX } from "@tabler/icons-react";
import { Link } from "react-router";
import { Problem } from "~/api/client";
import { explain } from "~/components/notices";
import { countOf, formatBytes } from "~/format/number";
import { formatDuration } from "~/format/time";
import { useLink } from "~/state/address";
import { secondsLeft, speedOf } from "./speed";
import { isUnderWay, type Upload, uploadQueue, useUploads } from "./uploads";

/** The files that are being sent or have been; nothing if there are none. */
export function UploadPanel() {
  const uploads = useUploads();
  if (uploads.length === 0) return null;
  const open = uploads.filter(isUnderWay).length;
  return (
    <Paper withBorder p="md" component="section" aria-label="Uploads">
      <Group justify="space-between" mb="sm">
        <Text fw={600} size="sm" role="status">
          {open > 0 ? `Uploading ${countOf(open, "file")}` : "Uploads are over"}
        </Text>
        {open < uploads.length && (
          <Button variant="subtle" color="gray" onClick={() => uploadQueue.clear()}>
            Clear finished
          </Button>
        )}
      </Group>
      <Stack gap="sm">
        {uploads.map((upload) => (
          <UploadRow key={upload.key} upload={upload} />
        ))}
      </Stack>
    </Paper>
  );
}

function UploadRow({ upload }: { upload: Upload }) {
  const { file, state, samples } = upload;
  const sent = samples.at(-1)?.bytes ?? 0;
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Group gap="sm" wrap="nowrap" miw={0}>
          <StateIcon state={state} />
          <Text size="sm" className="ml-text" title={file.name}>
            {file.name}
          </Text>
        </Group>
        <UploadActions upload={upload} />
      </Group>
      {state === "sending" && (
        <Progress value={(sent / file.size) * 100} size="sm" my={4} aria-label={`Sent of ${file.name}`} />
      )}
      <UploadNews upload={upload} />
    </div>
  );
}

function StateIcon({ state }: { state: Upload["state"] }) {
  if (state === "done") return <IconCheck size={16} color="var(--ml-better)" aria-hidden="true" />;
  if (state === "failed") return <IconAlertTriangle size={16} color="var(--ml-worse)" aria-hidden="true" />;
  if (state === "sending" || state === "reading") return <Loader size={14} aria-hidden="true" />;
  return null;
}

function UploadActions({ upload: { key, state, file } }: { upload: Upload }) {
  if (state === "waiting" || state === "sending" || state === "reading")
    return (
      <Tooltip label="Cancel">
        <ActionIcon aria-label={`Cancel ${file.name}`} onClick={() => uploadQueue.cancel(key)}>
          <IconX size={16} />
        </ActionIcon>
      </Tooltip>
    );
  if (state === "failed" || state === "cancelled")
    return (
      <Tooltip label="Try again">
        <ActionIcon aria-label={`Try ${file.name} again`} onClick={() => uploadQueue.retry(key)}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
    );
  return null;
}

function UploadNews({ upload }: { upload: Upload }) {
  const link = useLink();
  const { state, file, samples, added, error } = upload;
  if (state === "failed")
    return (
      <Text size="sm" c="var(--ml-worse)" className="ml-wrap" role="alert">
        {explain(error)}
        {error instanceof Problem && error.requestId && ` (request ${error.requestId})`}
      </Text>
    );
  if (state === "done" && added !== null)
    return (
      <Text size="sm" c="dimmed" className="ml-wrap">
        {added.is_new ? "Added as " : "The same bytes are already here, nothing was added: "}
        <Anchor component={Link} to={link(`/datasets/${added.dataset_id}`)} size="sm">
          {added.name}, version {added.version}
        </Anchor>
        {added.n_rows !== null && ` · ${countOf(added.n_rows, "row")}`}
        {added.unread !== null && ` · ${added.unread}`}
      </Text>
    );
  return (
    <Text size="xs" c="dimmed">
      {state === "waiting" && "Waits for the ones before it"}
      {state === "cancelled" && "Cancelled; nothing of it was kept"}
      {state === "reading" && "Sent; the server reads its columns"}
      {state === "sending" && saySpeed(samples, file.size)}
    </Text>
  );
}

function saySpeed(samples: Upload["samples"], total: number): string {
  const speed = speedOf(samples);
  const left = secondsLeft(samples, total);
  return [
    `${formatBytes(samples.at(-1)?.bytes ?? 0)} of ${formatBytes(total)}`,
    speed !== null && `${formatBytes(Math.round(speed))}/s`,
    left !== null && `${formatDuration(left)} left`,
  ]
    .filter(Boolean)
    .join(" · ");
}
