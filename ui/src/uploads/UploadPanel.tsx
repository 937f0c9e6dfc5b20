import { ActionIcon, Button, Group, Loader, Paper, Progress, Stack, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconRefresh, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Problem } from "~/api/client";
import { explain } from "~/components/notices";
import { countOf, formatBytes } from "~/format/number";
import { formatDuration } from "~/format/time";
import { isUnderWay, type Upload, type UploadQueue, type UploadState, useUploads } from "./queue";
import { type Sample, secondsLeft, speedOf } from "./speed";

interface UploadPanelProps<Said, Added> {
  queue: UploadQueue<Said, Added>;
  /** What became of a file that has arrived. */
  describe: (added: Added) => ReactNode;
  /** What the server does when all is sent. */
  reading: string;
}

/** The files that are being sent or have been; nothing if there are none. */
export function UploadPanel<Said, Added>({ queue, ...words }: UploadPanelProps<Said, Added>) {
  const uploads = useUploads(queue);
  if (uploads.length === 0) return null;
  const open = uploads.filter(isUnderWay).length;
  return (
    <Paper withBorder p="md" mb="md" component="section" aria-label="Uploads">
      <Group justify="space-between" mb="sm">
        <Text fw={600} size="sm" role="status">
          {open > 0 ? `Uploading ${countOf(open, "file")}` : "Uploads are over"}
        </Text>
        {open < uploads.length && (
          <Button variant="subtle" color="gray" onClick={() => queue.clear()}>
            Clear finished
          </Button>
        )}
      </Group>
      <Stack gap="sm">
        {uploads.map((upload) => (
          <UploadRow key={upload.key} upload={upload} queue={queue} {...words} />
        ))}
      </Stack>
    </Paper>
  );
}

interface UploadRowProps<Said, Added> extends UploadPanelProps<Said, Added> {
  upload: Upload<Said, Added>;
}

function UploadRow<Said, Added>({ upload, queue, describe, reading }: UploadRowProps<Said, Added>) {
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
        <UploadActions
          name={file.name}
          state={state}
          onCancel={() => queue.cancel(upload.key)}
          onRetry={() => queue.retry(upload.key)}
        />
      </Group>
      {state === "sending" && (
        <Progress value={(sent / file.size) * 100} size="sm" my={4} aria-label={`Sent of ${file.name}`} />
      )}
      <UploadNews upload={upload} describe={describe} reading={reading} />
    </div>
  );
}

function StateIcon({ state }: { state: UploadState }) {
  if (state === "done") return <IconCheck size={16} color="var(--ml-better)" aria-hidden="true" />;
  if (state === "failed") return <IconAlertTriangle size={16} color="var(--ml-worse)" aria-hidden="true" />;
  if (state === "sending" || state === "reading") return <Loader size={14} aria-hidden="true" />;
  return null;
}

interface UploadActionsProps {
  name: string;
  state: UploadState;
  onCancel: () => void;
  onRetry: () => void;
}

function UploadActions({ name, state, onCancel, onRetry }: UploadActionsProps) {
  if (state === "waiting" || state === "sending" || state === "reading")
    return (
      <Tooltip label="Cancel">
        <ActionIcon aria-label={`Cancel ${name}`} onClick={onCancel}>
          <IconX size={16} />
        </ActionIcon>
      </Tooltip>
    );
  if (state === "failed" || state === "cancelled")
    return (
      <Tooltip label="Try again">
        <ActionIcon aria-label={`Try ${name} again`} onClick={onRetry}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
    );
  return null;
}

function UploadNews<Said, Added>({ upload, describe, reading }: Omit<UploadRowProps<Said, Added>, "queue">) {
  const { state, file, samples, added, error } = upload;
  if (state === "failed")
    return (
      <Text size="sm" c="red" className="ml-wrap" role="alert">
        {explain(error)}
        {error instanceof Problem && error.requestId && ` (request ${error.requestId})`}
      </Text>
    );
  if (state === "done" && added !== null)
    return (
      <Text size="sm" c="dimmed" className="ml-wrap">
        {describe(added)}
      </Text>
    );
  return (
    <Text size="xs" c="dimmed">
      {state === "waiting" && "Waits for the ones before it"}
      {state === "cancelled" && "Cancelled; nothing of it was kept"}
      {state === "reading" && reading}
      {state === "sending" && saySpeed(samples, file.size)}
    </Text>
  );
}

function saySpeed(samples: readonly Sample[], total: number): string {
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
