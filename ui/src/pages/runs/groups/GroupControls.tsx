import { Group, MultiSelect, Select } from "@mantine/core";
import { describeColumn, type Fields, isOfMachine } from "../columns";
import { GROUP_SUMMARIES, type RunsView } from "../viewState";

export const SEED = "seed";
const MAX_BY = 8;
const MAX_METRICS = 10;

interface GroupControlsProps {
  view: RunsView;
  fields: Fields | undefined;
  change: (change: Partial<RunsView>) => void;
}

/** What runs are grouped by, and of which metrics the means are shown. */
export function GroupControls({ view, fields, change }: GroupControlsProps) {
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
    .filter(({ name }) => !isOfMachine(name))
    .slice(0, 2)
    .map(({ name }) => name);
}
