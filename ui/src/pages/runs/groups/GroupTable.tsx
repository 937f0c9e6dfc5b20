import { ActionIcon, Anchor, Button, Group, Table, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { Link } from "react-router";
import { Loading } from "~/components/Feedback";
import { IntervalBar } from "~/components/Interval";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { countOf, formatCount, formatNumber, MISSING } from "~/format/number";
import { useLink } from "~/state/address";
import { describeColumn } from "../columns";
import { type RunGroups, type TableRequest, useGroupRuns } from "../queries";
import { groupClause } from "./groupClause";
import classes from "./groups.module.css";
import { axisOf, type GroupMetric, keyColumns, metricColumns } from "./groupValues";

interface GroupTableProps {
  groups: RunGroups;
  asked: TableRequest;
  isAscending: boolean;
}

/** Each group a row, that opens to its runs. */
export function GroupTable({ groups, asked, isAscending }: GroupTableProps) {
  const keys = keyColumns(groups);
  const [firstKeys, otherKeys] = [keys.slice(0, KEYS_BEFORE), keys.slice(KEYS_BEFORE)];
  const metrics = metricColumns(groups);
  return (
    <Table stickyHeader highlightOnHover className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={30}>
            <VisuallyHidden>Open</VisuallyHidden>
          </Table.Th>
          <KeyHeads keys={firstKeys} />
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
          <KeyHeads keys={otherKeys} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {groups.groups.map((group) => (
          <GroupRows key={group.group_id} {...{ group, firstKeys, otherKeys, metrics, groups, asked }} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Keys that stand before the means; the others come after, so that the means are in sight. */
const KEYS_BEFORE = 4;

function KeyHeads({ keys }: { keys: readonly string[] }) {
  return keys.map((field) => <Table.Th key={field}>{describeColumn(field).label}</Table.Th>);
}

function KeyCells({ group, keys }: { group: RunGroups["groups"][number]; keys: readonly string[] }) {
  const values = new Map(Object.entries(group.key));
  return keys.map((field) => (
    <Table.Td key={field} maw={260}>
      <div className="ml-text">{sayValue(values.get(field))}</div>
    </Table.Td>
  ));
}

interface GroupRowsProps extends Omit<GroupTableProps, "isAscending"> {
  group: RunGroups["groups"][number];
  firstKeys: readonly string[];
  otherKeys: readonly string[];
  metrics: readonly string[];
}

function GroupRows({ group, firstKeys, otherKeys, metrics, groups, asked }: GroupRowsProps) {
  const [isOpen, setOpen] = useState(false);
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
        <KeyCells group={group} keys={firstKeys} />
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
        <KeyCells group={group} keys={otherKeys} />
      </Table.Tr>
      {isOpen && (
        <GroupMembers
          {...{ group, asked }}
          by={groups.by}
          nColumns={firstKeys.length + otherKeys.length + 3 + 2 * metrics.length}
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
  const known = [...new Set(seeds.filter((seed) => seed !== null))].sort((a, b) => a - b);
  const text = known.slice(0, MAX_SEEDS).join(", ");
  return (
    <span title={known.join(", ")}>
      {known.length === 0 ? MISSING : known.length > MAX_SEEDS ? `${text} …` : text}
    </span>
  );
}

const MAX_SEEDS = 6;

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
