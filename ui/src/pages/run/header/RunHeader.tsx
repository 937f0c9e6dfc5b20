import { Alert, Anchor, Badge, Button, Group, Stack, Text, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { mayWrite, useMe } from "~/app/me";
import { useProjects } from "~/app/projects";
import { CodeBlock } from "~/components/CodeBlock";
import { CopyIcon } from "~/components/CopyIcon";
import { Elapsed } from "~/components/Elapsed";
import { RunStatus } from "~/components/RunStatus";
import { useTrash } from "~/components/useTrash";
import { countOf } from "~/format/number";
import { labelRun, shortId } from "~/format/run";
import { formatAgo, formatDuration, formatMoment } from "~/format/time";
import { makeLink } from "~/state/address";
import { readDraft } from "../overview/noteDraft";
import type { WholeRun } from "../queries";
import { isMarked } from "./baseline";
import { RunActions } from "./RunActions";
import { RunName } from "./RunName";
import { RunProgress } from "./RunProgress";
import { VerdictLine } from "./VerdictLine";

/** What the run is, how far it is, how good it is, and what can be done with it. */
export function RunHeader({ run }: { run: WholeRun }) {
  const me = useMe();
  const mayEdit = mayWrite(me.data, run.project_id);
  return (
    <Stack gap="sm" w="100%">
      <Group justify="space-between" gap="sm" align="flex-start">
        <Group gap="sm" miw={0} style={{ flex: "1 1 320px" }} wrap="nowrap">
          <RunName run={run} mayEdit={mayEdit && run.deleted_at === null} />
          <RunStatus status={run.status} />
          {isMarked(run) && (
            <Badge color="lab" style={{ flexShrink: 0 }}>
              baseline
            </Badge>
          )}
        </Group>
        <RunActions run={run} mayEdit={mayEdit} />
      </Group>
      <Circumstances run={run} />
      <RunProgress run={run} />
      {run.deleted_at !== null && <Trashed run={run} mayRestore={mayEdit} />}
      {run.status === "failed" && <Failure run={run} />}
      {run.n_dropped > 0 && (
        <Alert color="yellow" title={`${countOf(run.n_dropped, "value or event", "values and events")} lost`}>
          They could not be recorded; what is shown is without them.
        </Alert>
      )}
      {run.deleted_at === null && <VerdictLine run={run} />}
    </Stack>
  );
}

/** When, how long, by whom, where. */
function Circumstances({ run }: { run: WholeRun }) {
  const parts: (readonly [string, ReactNode])[] = [];
  if (run.timestamp !== null)
    parts.push([
      "started",
      <Tooltip key="at" label={formatMoment(run.timestamp)}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time is in the tooltip */}
        <time dateTime={run.timestamp} tabIndex={0}>
          started {formatAgo(run.timestamp)}
        </time>
      </Tooltip>,
    ]);
  if (run.status === "running" && run.timestamp !== null)
    parts.push([
      "took",
      <span key="took">
        running for <Elapsed since={run.timestamp} />
      </span>,
    ]);
  else if (run.duration_s !== null) parts.push(["took", `took ${formatDuration(run.duration_s)}`]);
  if (run.user !== null || run.hostname !== null)
    parts.push(["by", [run.user, run.hostname].filter(Boolean).join(" on ")]);
  if (run.project_id !== null) parts.push(["project", <ProjectLink key="project" id={run.project_id} />]);
  if (run.seed !== null) parts.push(["seed", `seed ${run.seed}`]);
  return (
    <Group gap="xs" fz="sm" c="dimmed" style={{ columnGap: 16 }}>
      <Group gap={2} wrap="nowrap">
        <span className="ml-mono" title={run.run_id}>
          {shortId(run.run_id)}
        </span>
        <CopyIcon value={run.run_id} label="Copy the id" />
      </Group>
      {parts.map(([key, part]) => (
        <span key={key} className="ml-wrap">
          {part}
        </span>
      ))}
    </Group>
  );
}

function ProjectLink({ id }: { id: string }) {
  const projects = useProjects();
  const name = projects.data?.items.find((project) => project.project_id === id)?.name ?? id;
  return (
    <Anchor component={Link} size="sm" to={makeLink(`/projects/${encodeURIComponent(id)}`, id)}>
      {name}
    </Anchor>
  );
}

function Trashed({ run, mayRestore }: { run: WholeRun; mayRestore: boolean }) {
  const { restore } = useTrash();
  return (
    <Alert
      color="yellow"
      role="status"
      title={`This run is in the trash, since ${formatAgo(run.deleted_at)}`}
    >
      <Group justify="space-between" gap="sm">
        {readDraft(run.run_id) === null
          ? "Restored, it shows again what it recorded."
          : "The note that you were writing is kept in this tab: restored, the run shows it again."}
        {mayRestore && (
          <Button
            variant="default"
            onClick={() => restore([{ kind: "run", id: run.run_id, label: labelRun(run) }])}
          >
            Restore
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** Why it failed, before anything else. */
function Failure({ run }: { run: WholeRun }) {
  return (
    <Alert color="red" variant="light" title="The run failed">
      <Stack gap="sm">
        <Text size="sm" className="ml-wrap ml-mono">
          {run.error ?? "It did not say why."}
        </Text>
        {run.traceback !== null && (
          <details open={run.traceback.length < 4000}>
            <summary>Traceback</summary>
            <CodeBlock code={run.traceback} label="Copy the traceback" maxHeight={320} />
          </details>
        )}
      </Stack>
    </Alert>
  );
}
