import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  MultiSelect,
  ScrollArea,
  Select,
  Table,
  Text,
  Tooltip,
} from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { IntervalBar } from "~/components/Interval";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { countOf, formatCount, formatNumber, MISSING } from "~/format/number";
import { writeField } from "~/format/query";
import { useLink } from "~/state/address";
import { describeColumn, type Fields, isLargestFirst } from "./columns";
import { groupClause } from "./groupClause";
import classes from "./groups.module.css";
import { axisOf, type GroupMetric, metricColumns } from "./groupValues";
import { MAX_GROUPS, type RunGroups, type TableRequest, useGroupRuns, useGroups } from "./queries";
import { useThrottledRefresh } from "./useThrottledRefresh";
import { GROUP_SUMMARIES, type RunsView } from "./viewState";

const SEED = "seed";
const MAX_BY = 8;
const MAX_METRICS = 10;

interface GroupsProps {
  view: RunsView;
  asked: TableRequest;
  fields: Fields | undefined;
  change: (change: Partial<RunsView>) => void;
}

/** What runs are grouped by, and of which metrics the means are shown. */
export function GroupControls({ view, fields, change }: Omit<GroupsProps, "asked">) {
  const metrics = groupMetricsOf(view, fields);
  const by = [
    { value: SEED, label: "Seeds: alike in all else" },
    ...(fields?.params ?? []).map(({ field, name }) => ({ value: field, label: name })),
    ...(fields?.tags ?? []).map(({ field, name }) => ({ value: field, label: `tag ${name}` })),
    { value: "dataset_id", label: "Dataset" },
    { value: "status", label: "Status" },
  ];
  return (
    <Group gap="sm" align="flex-end">
      <MultiSelect
        label="Group by"
        data={withChosen(by, view.groupBy)}
        value={[...view.groupBy]}
        // Seeds stand for all but themselves, so nothing goes with them.
        onChange={(chosen) =>
          change({ groupBy: chosen.at(-1) === SEED ? [SEED] : chosen.filter((field) => field !== SEED) })
        }
        maxValues={MAX_BY}
        searchable
        clearable
        miw={220}
        maw="100%"
      />
      <MultiSelect
        label="Metrics"
        data={withChosen(
          (fields?.metrics ?? []).map(({ name }) => ({ value: name, label: name })),
          metrics,
        )}
        value={metrics}
        onChange={(chosen) => change({ groupMetrics: chosen })}
        maxValues={MAX_METRICS}
        searchable
        miw={220}
        maw="100%"
      />
      <Select
        label="Value"
        data={[...GROUP_SUMMARIES]}
        value={view.groupSummary}
        onChange={(summary) => {
          const chosen = GROUP_SUMMARIES.find((name) => name === summary);
          if (chosen) change({ groupSummary: chosen });
        }}
        w={90}
      />
    </Group>
  );
}

interface Choice {
  value: string;
  label: string;
}

/** What is chosen is offered too, when it is not among the commonest. */
function withChosen(choices: Choice[], chosen: readonly string[]): Choice[] {
  const known = new Set(choices.map(({ value }) => value));
  return [
    ...choices,
    ...chosen
      .filter((value) => !known.has(value))
      .map((value) => ({ value, label: describeColumn(value).label })),
  ];
}

/** The metrics of the address, else the first one that is not of the machine. */
export function groupMetricsOf(view: RunsView, fields: Fields | undefined): string[] {
  if (view.groupMetrics.length > 0) return [...view.groupMetrics];
  return (fields?.metrics ?? [])
    .filter(({ name }) => !/^(system|latency)\//.test(name))
    .slice(0, 2)
    .map(({ name }) => name);
}

/** Groups of runs: the mean of each metric with its interval, on one axis so that they compare by eye. */
export function Groups({ view, asked, fields }: GroupsProps) {
  const metrics = groupMetricsOf(view, fields);
  const first = metrics[0];
  const isAscending =
    first !== undefined &&
    !isLargestFirst(writeField({ kind: "metrics", name: first, summary: null }), fields);
  const found = useGroups(asked, { by: view.groupBy, metrics, summary: view.groupSummary, isAscending });
  useThrottledRefresh(["runs", "groups"]);
  if (found.error)
    return <ErrorState error={found.error} what="Grouping the runs" retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const groups = found.data;
  if (groups.groups.length === 0) return <NoGroups groups={groups} isBySeed={view.groupBy[0] === SEED} />;
  return (
    <>
      <Text size="sm" c="dimmed">
        {describeGroups(groups)}
      </Text>
      <ScrollArea className={classes.frame} type="auto">
        <GroupTable groups={groups} asked={asked} isAscending={isAscending} />
      </ScrollArea>
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

interface GroupTableProps {
  groups: RunGroups;
  asked: TableRequest;
  isAscending: boolean;
}

function GroupTable({ groups, asked, isAscending }: GroupTableProps) {
  const keys = [...new Set(groups.groups.flatMap((group) => Object.keys(group.key)))];
  const metrics = metricColumns(groups);
  return (
    <Table stickyHeader highlightOnHover className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={30} aria-label="Open" />
          {keys.map((field) => (
            <Table.Th key={field}>{describeColumn(field).label}</Table.Th>
          ))}
          <Table.Th className="ml-number">Runs</Table.Th>
          <Table.Th>Seeds</Table.Th>
          {metrics.map((metric, at) => (
            <Table.Th
              key={metric}
              colSpan={2}
              aria-sort={at > 0 ? undefined : isAscending ? "ascending" : "descending"}
            >
              {metric}
              {groups.summary === "final" ? "" : ` ${groups.summary}`}
              <Text span size="xs" c="dimmed">
                {" "}
                mean
              </Text>
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {groups.groups.map((group) => (
          <GroupRows key={group.group_id} {...{ group, keys, metrics, groups, asked }} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

interface GroupRowsProps extends Omit<GroupTableProps, "isAscending"> {
  group: RunGroups["groups"][number];
  keys: readonly string[];
  metrics: readonly string[];
}

function GroupRows({ group, keys, metrics, groups, asked }: GroupRowsProps) {
  const [isOpen, setOpen] = useState(false);
  const values = new Map(Object.entries(group.key));
  const Icon = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <ActionIcon
            size="sm"
            aria-expanded={isOpen}
            aria-label={`Runs of the group ${sayKey(group)}`}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon size={14} />
          </ActionIcon>
        </Table.Td>
        {keys.map((field) => (
          <Table.Td key={field} maw={260}>
            <div className="ml-text">{sayValue(values.get(field))}</div>
          </Table.Td>
        ))}
        <Table.Td className="ml-number">{formatCount(group.n)}</Table.Td>
        <Table.Td>
          <Seeds seeds={group.seeds} />
        </Table.Td>
        {metrics.map((name) => (
          <MetricCells
            key={name}
            metric={group.metrics.find(({ metric }) => metric === name)}
            range={axisOf(groups, name)}
            notes={group.notes}
          />
        ))}
      </Table.Tr>
      {isOpen && (
        <GroupMembers
          {...{ group, asked }}
          by={groups.by}
          nColumns={keys.length + 3 + 2 * metrics.length}
          metrics={metrics}
        />
      )}
    </>
  );
}

function sayKey(group: GroupRowsProps["group"]): string {
  const parts = Object.entries(group.key).map(
    ([field, value]) => `${describeColumn(field).label} ${sayValue(value)}`,
  );
  return parts.length === 0 ? "of all runs" : parts.join(", ");
}

function sayValue(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return MISSING;
  return typeof value === "number" ? formatNumber(value) : String(value);
}

function Seeds({ seeds }: { seeds: readonly (number | null)[] }) {
  const known = seeds.filter((seed) => seed !== null);
  const text = known.slice(0, 8).join(", ");
  return (
    <span title={known.join(", ")}>
      {known.length === 0 ? MISSING : known.length > 8 ? `${text} …` : text}
    </span>
  );
}

interface MetricCellsProps {
  metric: GroupMetric | undefined;
  range: readonly [number, number];
  notes: readonly string[];
}

function MetricCells({ metric, range, notes }: MetricCellsProps) {
  const mean = metric?.mean;
  const missing =
    metric === undefined
      ? ""
      : metric.n_finite < metric.n
        ? `, ${metric.n - metric.n_finite} not finite`
        : "";
  const why = [...notes, mean?.note].filter(Boolean).join(" ");
  return (
    <>
      <Table.Td className="ml-number">
        <span title={`n = ${metric?.n_finite ?? 0}${missing}; sd ${formatNumber(metric?.sd)}`}>
          {formatNumber(mean?.estimate)}
          <Text span size="xs" c="dimmed">
            {" "}
            n = {metric?.n_finite ?? 0}
          </Text>
        </span>
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap">
          <IntervalBar
            estimate={mean?.estimate}
            low={mean?.low}
            high={mean?.high}
            level={mean?.level ?? 0.95}
            range={range}
          />
          {why !== "" && mean?.low == null && (
            <Tooltip label={why} multiline maw={340}>
              <Text span size="xs" c="dimmed" tabIndex={0}>
                no interval
              </Text>
            </Tooltip>
          )}
        </Group>
      </Table.Td>
    </>
  );
}

interface GroupMembersProps {
  group: GroupRowsProps["group"];
  asked: TableRequest;
  metrics: readonly string[];
  by: readonly string[];
  nColumns: number;
}

function GroupMembers({ group, asked, metrics, by, nColumns }: GroupMembersProps) {
  const link = useLink();
  const found = useGroupRuns(asked, group.run_ids, metrics);
  const compared = group.run_ids.slice(0, 50);
  return (
    <Table.Tr>
      <Table.Td colSpan={nColumns} className={classes.members}>
        {found.data === undefined ? (
          <Loading lines={2} />
        ) : (
          <div
            className={classes.grid}
            style={{ gridTemplateColumns: `minmax(0, 320px) 110px 90px repeat(${metrics.length}, 110px)` }}
          >
            {found.data.map((run) => (
              <Fragment key={run.run_id}>
                <RunLink run={run} />
                <RunStatus status={run.status} />
                <span>{run.seed === null ? "" : `seed ${run.seed}`}</span>
                {metrics.map((metric, at) => (
                  <span key={metric} className="ml-number" title={metric}>
                    {formatNumber(run.values[at] as number | null)}
                  </span>
                ))}
              </Fragment>
            ))}
          </div>
        )}
        <Group gap="sm" mt={6}>
          {compared.length > 1 && (
            <Button
              component={Link}
              to={link("/compare", { run: compared })}
              variant="default"
              size="compact-xs"
            >
              Compare these
            </Button>
          )}
          <Anchor
            component={Link}
            size="xs"
            to={link("/runs", { q: groupClause(asked.query, by, group.key, group.run_ids) })}
          >
            Show in the table
          </Anchor>
          {group.n > group.run_ids.length && (
            <Text size="xs" c="dimmed">
              The newest {group.run_ids.length} of {countOf(group.n, "run")}
            </Text>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
