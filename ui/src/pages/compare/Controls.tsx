import { Group, Select, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { labelRun } from "~/format/run";
import { DEFAULT_SPLIT, readEffect, useCompareAddress } from "./address";
import type { Comparison } from "./comparison";
import { type Asked, type TableRow, useEvaluations, useListedRuns } from "./queries";
import { ReportButton } from "./report/ReportButton";

interface ControlsProps {
  asked: Asked;
  comparison: Comparison | undefined;
  runs: readonly TableRow[];
}

const ALL_PAIRS = "";

/** By what is compared: the baseline, the metric, the split, and the smallest difference that matters. */
export function Controls({ asked, comparison, runs }: ControlsProps) {
  const { change } = useCompareAddress();
  const evaluations = useEvaluations(asked.runIds);
  const listed = useListedRuns(asked.runIds);
  const splits = new Set(evaluations.data.flat().map((evaluation) => evaluation.name));
  const metrics = listMetrics(evaluations.data.flat(), listed.data ?? [], asked.split);
  const shown = asked.metric ?? comparison?.primary_metric ?? null;
  if (shown !== null) metrics.add(shown);
  return (
    <Group gap="md" align="flex-end" role="group" aria-label="By what is compared">
      <Select
        label="Compare with"
        w={220}
        searchable={runs.length > 8}
        data={[
          { value: ALL_PAIRS, label: "Each other (all pairs)" },
          ...runs.map((run) => ({ value: run.run_id, label: `${labelRun(run)} (baseline)` })),
        ]}
        value={asked.baseline ?? ALL_PAIRS}
        onChange={(value) => change({ baseline: value || null })}
      />
      <Select
        label="Metric"
        w={200}
        searchable
        limit={200}
        data={[...metrics].sort()}
        value={shown}
        placeholder={evaluations.isPending || listed.isPending ? "Reading…" : "None recorded"}
        disabled={metrics.size === 0}
        onChange={(value) => change({ metric: value })}
      />
      <Select
        label="Split"
        w={120}
        data={[...new Set([DEFAULT_SPLIT, asked.split, ...splits])].sort()}
        value={asked.split}
        onChange={(value) => change({ split: value === DEFAULT_SPLIT ? null : value, metric: null })}
      />
      <EffectInput value={asked.minEffect} />
      {comparison && <ReportButton asked={asked} runs={runs} />}
    </Group>
  );
}

function EffectInput({ value }: { value: number | null }) {
  const { change } = useCompareAddress();
  const [text, setText] = useState(value === null ? "" : String(value));
  const isWrong = text.trim() !== "" && readEffect(text) === null;
  // An address that was opened or gone back to has another value than what was typed.
  useEffect(() => setText((typed) => (readEffect(typed) === value ? typed : String(value ?? ""))), [value]);
  useEffect(() => {
    if (isWrong || readEffect(text) === value) return;
    const waiting = setTimeout(() => change({ effect: text.trim() === "" ? null : text.trim() }), 600);
    return () => clearTimeout(waiting);
  }, [text, value, isWrong, change]);
  return (
    <TextInput
      label="Smallest difference that matters"
      placeholder="none"
      w={236}
      inputMode="decimal"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      error={isWrong && "A number above 0, such as 0.01"}
    />
  );
}

/** Metrics of evaluations on the split, and final ones that are no copies of these. */
function listMetrics(
  evaluations: readonly { name: string; metrics: Record<string, unknown> }[],
  runs: readonly { final_metrics: Record<string, unknown> }[],
  split: string,
): Set<string> {
  const found = new Set(
    evaluations.filter(({ name }) => name === split).flatMap(({ metrics }) => Object.keys(metrics)),
  );
  for (const name of runs.flatMap((run) => Object.keys(run.final_metrics)))
    if (!name.startsWith(`${split}/`)) found.add(name);
  return found;
}
