import { Autocomplete, Group, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { DEFAULT_SPLIT, DEFAULT_TOP, MAX_TOP, useLeaderboardAddress } from "./address";
import type { MetricChoices } from "./choices";

interface ControlsProps {
  choices: MetricChoices;
  splits: readonly string[];
  metric: string | null;
}

/** By what is ranked, and which runs. */
export function LeaderboardControls({ choices, splits, metric }: ControlsProps) {
  const { split, typed, topK, order, change } = useLeaderboardAddress();
  const [text, setText] = useState(typed);
  const settle = useDebouncedCallback((q: string) => change({ q: q.trim() || null }), 500);
  const [splitText, setSplitText] = useState(split);
  const settleSplit = useDebouncedCallback(
    (next: string) => change({ split: next && next !== DEFAULT_SPLIT ? next : null }),
    500,
  );
  const all = new Set([...choices.evaluated, ...choices.final]);
  const groups = [
    { group: `Evaluated on ${split}`, items: choices.evaluated },
    {
      group: "Final values, without interval",
      items: metric === null || all.has(metric) ? choices.final : [metric, ...choices.final],
    },
  ];
  return (
    <Group gap="md" align="flex-end" role="group" aria-label="By what runs are ranked">
      <Select
        label="Metric"
        w={240}
        searchable
        limit={300}
        data={groups.filter(({ items }) => items.length > 0)}
        value={metric}
        placeholder="None recorded"
        onChange={(value) => change({ metric: value, order: null })}
      />
      <Autocomplete
        label="Split"
        size="xs"
        w={130}
        data={[...new Set([DEFAULT_SPLIT, ...splits])]}
        value={splitText}
        onChange={(next) => {
          setSplitText(next);
          settleSplit(next.trim());
        }}
      />
      <TextInput
        label="Runs"
        placeholder='All, or a query such as params.model = "svm"'
        w={300}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          settle(event.currentTarget.value);
        }}
      />
      <NumberInput
        label="Show the best"
        w={100}
        min={1}
        max={MAX_TOP}
        clampBehavior="strict"
        allowDecimal={false}
        value={topK}
        onChange={(value) => {
          const count = Number(value);
          if (count >= 1) change({ top: count === DEFAULT_TOP ? null : String(count) });
        }}
      />
      <SegmentedControl
        aria-label="Which way is better"
        data={[
          { value: "auto", label: "As the metric says" },
          { value: "high", label: "Highest" },
          { value: "low", label: "Lowest" },
        ]}
        value={order ?? "auto"}
        onChange={(value) => change({ order: value === "auto" ? null : value })}
      />
    </Group>
  );
}
