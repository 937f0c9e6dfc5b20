import { Group, Select, Stack, Text } from "@mantine/core";
import { useCallback, useMemo } from "react";
import { useNavigate } from "react-router";
import { EChart, type Palette } from "~/charts";
import { ErrorState, Loading } from "~/components/Feedback";
import { countOf, formatCount } from "~/format/number";
import { writeField } from "~/format/query";
import { labelRun } from "~/format/run";
import { useAddress, useLink } from "~/state/address";
import { type Axis, makeAxis } from "./axis";
import { drawScatter } from "./charts";
import type { ExploreProps, FieldChoice } from "./ExploreTab";
import { groupFields } from "./fieldOptions";
import { MAX_ROWS, useValues } from "./queries";
import { ValuesTable } from "./ValuesTable";

const NONE = "";

/** Any field against any other, a mark for each run; a click opens the run. */
export function ScatterView({ scope, fields, metric }: ExploreProps) {
  const result = writeField({ kind: "metrics", name: metric, summary: null });
  const [x, setX] = useAddress("sx", fields.find(({ kind }) => kind === "param")?.field ?? "started_at");
  const [y, setY] = useAddress("sy", result);
  const [color, setColor] = useAddress("scolor");
  const [size, setSize] = useAddress("ssize");
  const asked = useMemo(() => [...new Set([x, y, color, size].filter(Boolean))], [x, y, color, size]);
  const found = useValues(scope, asked);
  const navigate = useNavigate();
  const link = useLink();
  const axes = useMemo(() => {
    const rows = found.data?.rows ?? [];
    const labels = new Map(fields.map(({ field, label }) => [field, label]));
    return new Map(
      asked.map((field, at): [string, Axis] => [
        field,
        makeAxis(
          field,
          labels.get(field) ?? field,
          rows.map((row) => row.values[at] ?? null),
        ),
      ]),
    );
  }, [found.data, asked, fields]);
  const option = useCallback(
    (palette: Palette) => {
      const [across, up] = [axes.get(x), axes.get(y)];
      if (across === undefined || up === undefined) return {};
      const labels = (found.data?.rows ?? []).map(labelRun);
      return drawScatter(
        { x: across, y: up, color: axes.get(color) ?? null, size: axes.get(size) ?? null },
        labels,
        palette,
      );
    },
    [axes, x, y, color, size, found.data],
  );
  if (found.isError)
    return <ErrorState error={found.error} what="Reading the runs" retry={() => found.refetch()} />;
  if (found.data === undefined) return <Loading />;
  const { rows, total } = found.data;
  const drawn = rows.filter((_, run) => [x, y].every((field) => axes.get(field)?.places[run] != null)).length;
  const open = ({ value }: { value: unknown }) => {
    const row = rows[(value as number[])[3] ?? -1];
    if (row !== undefined) navigate(link(`/runs/${encodeURIComponent(row.run_id)}`));
  };
  return (
    <Stack gap="sm">
      <Group gap="md">
        <FieldSelect label="Across" fields={fields} value={x} onChange={setX} />
        <FieldSelect label="Up" fields={fields} value={y} onChange={setY} />
        <FieldSelect label="Colour" fields={fields} value={color} onChange={setColor} isOptional />
        <FieldSelect label="Size" fields={fields} value={size} onChange={setSize} isOptional />
      </Group>
      <EChart
        option={option}
        title={`${axes.get(y)?.label} by ${axes.get(x)?.label}`}
        label={`Scatter plot of ${countOf(drawn, "run")}: ${axes.get(y)?.label} by ${axes.get(x)?.label}`}
        height={420}
        onClick={open}
      />
      <Text size="sm" c="dimmed">
        {formatCount(drawn)} of {countOf(rows.length, "run")} have both.
        {total > rows.length && ` The newest ${MAX_ROWS} of ${formatCount(total)} are read.`}
      </Text>
      <ValuesTable rows={rows} axes={[...axes.values()]} inside={null} />
    </Stack>
  );
}

interface FieldSelectProps {
  label: string;
  fields: readonly FieldChoice[];
  value: string;
  onChange: (value: string | null) => void;
  isOptional?: boolean;
}

function FieldSelect({ label, fields, value, onChange, isOptional = false }: FieldSelectProps) {
  return (
    <Select
      label={label}
      w={172}
      searchable
      limit={200}
      placeholder="none"
      clearable={isOptional}
      data={groupFields(fields)}
      value={value === NONE ? null : value}
      onChange={(next) => onChange(next)}
    />
  );
}
