import { ScrollArea, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Problem } from "~/api/client";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { countOf, formatCount } from "~/format/number";
import { writeField } from "~/format/query";
import { type Column, type Fields, isLargestFirst } from "../columns";
import { mistakeIn } from "../filter/mistakeIn";
import { MAX_GROUPS, type RunGroups, type TableRequest, useGroups } from "../queries";
import { RunsToolbar } from "../RunsToolbar";
import { useThrottledRefresh } from "../useThrottledRefresh";
import type { RunsView } from "../viewState";
import { GroupControls, groupMetricsOf, SEED } from "./GroupControls";
import { GroupTable } from "./GroupTable";
import classes from "./groups.module.css";

interface GroupsProps {
  view: RunsView;
  change: (change: Partial<RunsView>) => void;
  columns: readonly Column[];
  asked: TableRequest;
  fields: Fields | undefined;
  filterBar: (mistake: Problem | null) => ReactNode;
}

const NONE: ReadonlySet<string> = new Set();

/** Groups of runs: the mean of each metric with its interval, on one axis so that they compare by eye. */
export function Groups(props: GroupsProps) {
  const { view, asked, fields, change } = props;
  const metrics = groupMetricsOf(view, fields);
  const first = metrics[0];
  const isAscending =
    first !== undefined &&
    !isLargestFirst(writeField({ kind: "metrics", name: first, summary: null }), fields);
  const found = useGroups(asked, { by: view.groupBy, metrics, summary: view.groupSummary, isAscending });
  useThrottledRefresh(["runs", "groups"]);
  const mistake = mistakeIn(found.error);
  return (
    <>
      {props.filterBar(mistake)}
      <RunsToolbar {...props} total={undefined} chosen={NONE} />
      <GroupControls view={view} fields={fields} change={change} />
      {found.error !== null && mistake === null && (
        <ErrorState error={found.error} what="Grouping the runs" retry={() => void found.refetch()} />
      )}
      {found.data === undefined ? (
        found.isPending && <Loading />
      ) : found.data.groups.length === 0 ? (
        <NoGroups groups={found.data} isBySeed={view.groupBy[0] === SEED} />
      ) : (
        <>
          <Text size="sm" c="dimmed">
            {describeGroups(found.data)}
          </Text>
          <ScrollArea className={classes.frame} type="auto">
            <GroupTable groups={found.data} asked={asked} isAscending={isAscending} />
          </ScrollArea>
        </>
      )}
    </>
  );
}

function describeGroups(groups: RunGroups): string {
  const shown = Math.min(groups.total, MAX_GROUPS);
  return [
    `${shown < groups.total ? `${formatCount(shown)} of ` : ""}${countOf(groups.total, "group")} of ${countOf(groups.n_runs, "run")}`,
    groups.n_ungrouped > 0 &&
      `${countOf(groups.n_ungrouped, "run")} in none, because the seed or all else is not known`,
    groups.n_left_out > 0 && `the oldest ${formatCount(groups.n_left_out)} not looked at`,
    "bars are 95 % intervals of the mean",
  ]
    .filter(Boolean)
    .join("; ");
}

function NoGroups({ groups, isBySeed }: { groups: RunGroups; isBySeed: boolean }) {
  if (!isBySeed || groups.n_runs === 0)
    return <EmptyState title="No groups">None of the runs here can be grouped by this.</EmptyState>;
  return (
    <EmptyState
      title="No groups of seeds"
      code={"from modellab import log_run\n\n@log_run\ndef train(lr: float, seed: int):\n    ..."}
    >
      Runs are of one group if they are alike in all but the seed. {countOf(groups.n_runs, "run")} here have
      no seed; a param called seed is taken as one.
    </EmptyState>
  );
}
