import { Group, Progress, Text } from "@mantine/core";
import { progressOf, sayProgress, sayTimeLeft } from "~/format/progress";
import { secondsSince, useNow } from "~/state/clock";
import { lastStepOf } from "../news";
import type { WholeRun } from "../queries";

/** How far a running run is, where a param says where it ends. */
export function RunProgress({ run }: { run: WholeRun }) {
  const isRunning = run.status === "running";
  const now = useNow(isRunning);
  const elapsed = run.timestamp === null ? null : secondsSince(run.timestamp, now);
  const progress = isRunning ? progressOf(run.params, lastStepOf(run), elapsed) : null;
  if (progress === null) return null;
  const said = sayProgress(progress);
  const left = sayTimeLeft(progress);
  return (
    <div>
      <Progress.Root size="sm">
        <Progress.Section value={progress.fraction * 100} aria-label={said} />
      </Progress.Root>
      <Group justify="space-between" gap="sm" mt={2}>
        <Text size="xs" c="dimmed" tt="none">
          {said}
        </Text>
        {left !== null && (
          <Text size="xs" c="dimmed">
            {left}, at the pace so far
          </Text>
        )}
      </Group>
    </div>
  );
}
