import { Group, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { ErrorState, Loading } from "~/components/Feedback";
import { writeField } from "~/format/query";
import { useAddress, useProject } from "~/state/address";
import type { PartProps } from "../ComparisonView";
import { readTyped } from "../pick/typed";
import { Importance } from "./Importance";
import { ParallelView } from "./ParallelView";
import { type Scope, useFields } from "./queries";
import { ScatterView } from "./ScatterView";

/** A field that can be an axis. */
export interface FieldChoice {
  field: string;
  label: string;
  kind: "metric" | "param" | "attribute";
}

export interface ExploreProps {
  scope: Scope;
  fields: readonly FieldChoice[];
  metric: string;
}

const ATTRIBUTES = ["duration_s", "seed", "started_at", "status", "n_artifacts"];

/** Params against results: parallel coordinates, a scatter plot, and which params go with a metric. */
export default function ExploreTab({ comparison, asked }: PartProps) {
  const project = useProject();
  const [view, setView] = useAddress("view", "parallel");
  const [which, setWhich] = useAddress("scope", "chosen");
  const [typed, setTyped] = useAddress("q");
  const [of, setOf] = useAddress("of");
  const found = useFields(project);
  const scope: Scope = useMemo(
    () => ({ runIds: which === "all" ? null : asked.runIds, query: readTyped(typed), project }),
    [which, asked.runIds, typed, project],
  );
  const fields = useMemo(() => (found.data ? listFields(found.data) : []), [found.data]);
  if (found.isError)
    return <ErrorState error={found.error} what="Reading the fields" retry={() => found.refetch()} />;
  if (found.isPending) return <Loading />;
  const metrics = found.data.metrics.map((metric) => metric.name);
  const metric = of || chooseMetric(metrics, comparison.primary_metric, comparison.split);
  const Content =
    { parallel: ParallelView, scatter: ScatterView, importance: Importance }[view] ?? ParallelView;
  return (
    <Stack gap="md">
      <Group gap="md" align="flex-end">
        <SegmentedControl
          aria-label="What is drawn"
          data={[
            { value: "parallel", label: "Parallel coordinates" },
            { value: "scatter", label: "Scatter" },
            { value: "importance", label: "Importance" },
          ]}
          value={view}
          onChange={setView}
        />
        <Select
          label="Result"
          w={172}
          searchable
          limit={200}
          data={[...new Set([metric, ...metrics])].filter(Boolean)}
          value={metric}
          onChange={(value) => setOf(value)}
        />
        <Select
          label="Runs"
          w={172}
          data={[
            { value: "chosen", label: `The ${asked.runIds.length} chosen` },
            { value: "all", label: "All of a filter" },
          ]}
          value={which}
          onChange={(value) => setWhich(value)}
        />
        {which === "all" && <FilterInput value={typed} onChange={setTyped} />}
      </Group>
      <Content scope={scope} fields={fields} metric={metric} />
    </Stack>
  );
}

function FilterInput({ value, onChange }: { value: string; onChange: (value: string | null) => void }) {
  const [text, setText] = useState(value);
  const settle = useDebouncedCallback((next: string) => onChange(next || null), 400);
  return (
    <TextInput
      label="Filter"
      placeholder='A name, or params.model = "svm"'
      w={300}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        settle(event.currentTarget.value);
      }}
    />
  );
}

/** The comparison's own metric under the name that runs have it by, else the first that there is. */
function chooseMetric(names: readonly string[], primary: string | null, split: string): string {
  const wanted = primary === null ? [] : [`${split}/${primary}`, primary];
  return wanted.find((name) => names.includes(name)) ?? names[0] ?? "";
}

interface Found {
  metrics: readonly { name: string }[];
  params: readonly { name: string }[];
}

function listFields({ metrics, params }: Found): FieldChoice[] {
  return [
    ...params.map(({ name }) => ({
      field: writeField({ kind: "params", name, summary: null }),
      label: name,
      kind: "param" as const,
    })),
    ...metrics.map(({ name }) => ({
      field: writeField({ kind: "metrics", name, summary: null }),
      label: name,
      kind: "metric" as const,
    })),
    ...ATTRIBUTES.map((name) => ({ field: name, label: name, kind: "attribute" as const })),
  ];
}
