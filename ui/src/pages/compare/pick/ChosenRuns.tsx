import { ActionIcon, Badge, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { ErrorState } from "~/components/Feedback";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { countOf } from "~/format/number";
import { labelRun, labelRuns, shortId } from "~/format/run";
import { useCompareAddress } from "../address";
import { Beware } from "../Beware";
import { MAX_COMPARED, MIN_COMPARED } from "../comparison";
import type { TableRow, useChosenRuns } from "../queries";
import classes from "./pick.module.css";

/** The runs that are compared; each can be taken out. Says when they are too few, too many or gone. */
export function ChosenRuns({ chosen }: { chosen: ReturnType<typeof useChosenRuns> }) {
  const { runIds, baseline, change } = useCompareAddress();
  const keep = (ids: readonly string[]) => change({ run: ids });
  const remove = (id: string) => keep(runIds.filter((other) => other !== id));
  if (chosen.isError)
    return <ErrorState error={chosen.error} what="Reading the chosen runs" retry={() => chosen.refetch()} />;
  const { missing } = chosen;
  const labels = labelRuns(chosen.runs);
  return (
    <>
      <ul className={classes.chips} aria-label="Chosen runs">
        {chosen.runs.map((run) => (
          <ChosenRun
            key={run.run_id}
            run={run}
            label={labels.get(run.run_id) ?? labelRun(run)}
            isBaseline={run.run_id === baseline}
            onRemove={remove}
          />
        ))}
      </ul>
      {runIds.length - (chosen.isSuccess ? missing.length : 0) < MIN_COMPARED && (
        <Text>A comparison takes two runs or more. Choose another one below.</Text>
      )}
      {runIds.length > MAX_COMPARED && (
        <Beware title={`${runIds.length} runs are chosen; at most ${MAX_COMPARED} can be compared`}>
          <Group gap="sm">
            Take {countOf(runIds.length - MAX_COMPARED, "run")} out, or
            <Button variant="default" onClick={() => keep(runIds.slice(0, MAX_COMPARED))}>
              Keep the first {MAX_COMPARED}
            </Button>
          </Group>
        </Beware>
      )}
      {chosen.isSuccess && !chosen.isPlaceholderData && missing.length > 0 && (
        <Beware title={`${countOf(missing.length, "run is", "runs are")} not there`}>
          <Group gap="sm">
            <span className="ml-wrap">
              {missing.slice(0, 5).map(shortId).join(", ")}
              {missing.length > 5 && " and others"}: in the trash, deleted, or of a project that you may not
              see.
            </span>
            <Button variant="default" onClick={() => keep(runIds.filter((id) => !missing.includes(id)))}>
              Go on without
            </Button>
          </Group>
        </Beware>
      )}
    </>
  );
}

interface ChosenRunProps {
  run: TableRow;
  /** What tells it from the others. */
  label: string;
  isBaseline: boolean;
  onRemove: (runId: string) => void;
}

function ChosenRun({ run, label, isBaseline, onRemove }: ChosenRunProps) {
  return (
    <li className={classes.chip}>
      <RunLink run={{ run_id: run.run_id, name: label }} />
      {isBaseline && <Badge style={{ flexShrink: 0 }}>baseline</Badge>}
      {run.status !== "completed" && <RunStatus status={run.status} />}
      <Tooltip label="Take out">
        <ActionIcon size="sm" aria-label={`Take out ${label}`} onClick={() => onRemove(run.run_id)}>
          <IconX size={14} />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
