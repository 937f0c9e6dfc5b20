import { Button, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId, useMemo } from "react";
import { ChartToolbar, useChartSettings } from "~/charts";
import { EmptyState } from "~/components/Feedback";
import { SearchField } from "~/components/SearchField";
import { countOf, formatCount } from "~/format/number";
import { useAddress, useAddressList } from "~/state/address";
import type { WholeRun } from "../queries";
import type { TabProps } from "../tabs";
import { ChartGrid, useChartRuns } from "./ChartGrid";
import classes from "./Charts.module.css";
import { groupByPrefix, type MetricGroup, searchNames } from "./groups";

/** Every metric over its steps, in groups, all zoomed as one. */
export default function ChartsTab({ run }: TabProps) {
  const names = useCurveNames(run);
  const [search, setSearch] = useAddress("find");
  const [wanted] = useDebouncedValue(search, 150);
  const groups = useMemo(() => groupByPrefix(searchNames(names, wanted)), [names, wanted]);
  const [folded, setFolded] = useAddressList("fold");
  const [settings, change] = useChartSettings();
  const runs = useChartRuns(run);
  if (names.length === 0)
    return (
      <EmptyState
        title={run.status === "running" ? "No curves yet" : "No curves were recorded"}
        code={'for epoch in range(10):\n    run.log_metrics({"train/loss": loss}, step=epoch)'}
      >
        A metric that is logged over steps is drawn here. Numbers that a run only returns have no curve; the
        overview lists them.
      </EmptyState>
    );
  const isAllFolded = groups.every(({ prefix }) => folded.includes(keyOf(prefix)));
  const toggle = (prefix: string) => {
    const key = keyOf(prefix);
    setFolded(folded.includes(key) ? folded.filter((other) => other !== key) : [...folded, key]);
  };
  return (
    <Stack gap="md">
      <Group gap="md" className={classes.bar}>
        <SearchField
          label="Search in metrics"
          placeholder={`Search ${countOf(names.length, "metric")}`}
          value={search}
          onSearch={setSearch}
          w={200}
        />
        <ChartToolbar settings={settings} onChange={change} metrics={names} />
        {groups.length > 1 && (
          <Button
            variant="default"
            onClick={() => setFolded(isAllFolded ? [] : groups.map(({ prefix }) => keyOf(prefix)))}
          >
            {isAllFolded ? "Unfold all" : "Fold all"}
          </Button>
        )}
      </Group>
      {groups.length === 0 && (
        <Text size="sm" c="dimmed" role="status">
          No metric has “{search}” in its name.
        </Text>
      )}
      {groups.map((group) => (
        <ChartGroup
          key={group.prefix}
          group={group}
          isOnly={groups.length === 1}
          isFolded={folded.includes(keyOf(group.prefix))}
          toggle={() => toggle(group.prefix)}
        >
          <ChartGrid runs={runs} names={group.names} settings={settings} change={change} />
        </ChartGroup>
      ))}
    </Stack>
  );
}

/** The name of a group in the address, where nothing cannot stand. */
function keyOf(prefix: string): string {
  return prefix === "" ? "/" : prefix;
}

/** The metrics with points, but those of the machine; the same array while there are no others. */
function useCurveNames(run: WholeRun): string[] {
  const joined = Object.values(run.metrics)
    .filter(({ name, count }) => count > 0 && !name.startsWith("system/"))
    .map(({ name }) => name)
    .join("\n");
  return useMemo(() => (joined === "" ? [] : joined.split("\n")), [joined]);
}

interface ChartGroupProps {
  group: MetricGroup;
  isOnly: boolean;
  isFolded: boolean;
  toggle: () => void;
  children: React.ReactNode;
}

function ChartGroup({ group, isOnly, isFolded, toggle, children }: ChartGroupProps) {
  const id = useId();
  const Chevron = isFolded ? IconChevronRight : IconChevronDown;
  const title = group.prefix === "" ? "Metrics" : group.prefix;
  return (
    <section aria-labelledby={id}>
      {!(isOnly && group.prefix === "") && (
        <UnstyledButton onClick={toggle} aria-expanded={!isFolded} className={classes.head}>
          <Chevron size={16} />
          <Title order={2} id={id} className="ml-text">
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {formatCount(group.names.length)}
          </Text>
        </UnstyledButton>
      )}
      {!isFolded && children}
    </section>
  );
}
