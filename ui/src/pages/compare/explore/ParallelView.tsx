import { Button, Group, MultiSelect, Stack, Text } from "@mantine/core";
import type { EChartsType } from "echarts/core";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { EChart, type Palette } from "~/charts";
import { ErrorState, Loading } from "~/components/Feedback";
import { countOf, formatCount } from "~/format/number";
import { writeField } from "~/format/query";
import { useAddressList, useLink } from "~/state/address";
import { MAX_COMPARED, MIN_COMPARED } from "../comparison";
import { makeAxis, type Part, varies } from "./axis";
import { drawParallel } from "./charts";
import type { ExploreProps } from "./ExploreTab";
import { groupFields } from "./fieldOptions";
import { KeepPart } from "./KeepPart";
import { MAX_ROWS, useValues } from "./queries";
import { ValuesTable } from "./ValuesTable";

/** Axes that are drawn unless others are chosen. */
const MOST_AXES = 7;
const MOST_ASKED = 60;

/** A line for each run over its params to the result; drag along an axis to keep the runs of a part of it. */
export function ParallelView({ scope, fields, metric }: ExploreProps) {
  const [wanted, setWanted] = useAddressList("axis");
  const [inside, setInside] = useState<readonly number[] | null>(null);
  const result = writeField({ kind: "metrics", name: metric, summary: null });
  const asked = useMemo(() => {
    const params = fields.filter(({ kind }) => kind === "param").slice(0, MOST_ASKED);
    return [...(wanted.length > 0 ? wanted : params.map(({ field }) => field)), result];
  }, [fields, wanted, result]);
  const found = useValues(scope, asked);
  const axes = useMemo(() => {
    const { rows = [], columns = [] } = found.data ?? {};
    const labels = new Map(fields.map(({ field, label }) => [field, label]));
    const all = columns.map(({ field }, at) =>
      makeAxis(
        field,
        labels.get(field) ?? field,
        rows.map((row) => row.values[at] ?? null),
      ),
    );
    const before = all.slice(0, -1);
    const shown = wanted.length > 0 ? before : before.filter(varies).slice(0, MOST_AXES);
    return [...shown, ...all.slice(-1)];
  }, [found.data, fields, wanted]);
  const option = useCallback((palette: Palette) => drawParallel(axes, palette), [axes]);
  const drawn = useRef<EChartsType | null>(null);
  const watch = useCallback((chart: EChartsType) => {
    drawn.current = chart;
    return watchBrushes(chart, setInside);
  }, []);
  const keep = (axis: number, part: Part | null) =>
    drawn.current?.dispatchAction({
      type: "axisAreaSelect",
      parallelAxisIndex: axis,
      intervals: part === null ? [] : [part],
    });
  if (found.isError)
    return <ErrorState error={found.error} what="Reading the runs" retry={() => found.refetch()} />;
  if (found.data === undefined) return <Loading />;
  const { rows, total } = found.data;
  const kept = inside === null ? rows : inside.map((at) => rows[at]).filter((row) => row !== undefined);
  const names = axes.map((axis) => axis.label).join(", ");
  return (
    <Stack gap="sm">
      <MultiSelect
        label="Axes before the result"
        placeholder={wanted.length === 0 ? "Params that vary" : undefined}
        searchable
        clearable
        limit={200}
        maxValues={12}
        data={groupFields(fields)}
        value={wanted}
        onChange={setWanted}
        maw={760}
      />
      <EChart
        option={option}
        title={`Params and ${metric}`}
        label={`Parallel coordinates of ${countOf(rows.length, "run")}: ${names}`}
        height={420}
        onReady={watch}
      />
      <KeepPart key={`${names} ${rows.length}`} axes={axes} keep={keep} />
      <Group gap="md">
        <Text size="sm" c="dimmed">
          {inside === null
            ? "Drag along an axis to keep the runs of a part of it, or choose it here; click the axis to let go."
            : `${formatCount(kept.length)} of ${countOf(rows.length, "run")} lie within the marked parts.`}
          {total > rows.length && ` The newest ${MAX_ROWS} of ${formatCount(total)} are drawn.`}
        </Text>
        <CompareKept ids={kept.map((row) => row.run_id)} isBrushed={inside !== null} />
      </Group>
      <ValuesTable rows={kept} axes={axes} inside={inside} />
    </Stack>
  );
}

function CompareKept({ ids, isBrushed }: { ids: readonly string[]; isBrushed: boolean }) {
  const link = useLink();
  if (!isBrushed || ids.length < MIN_COMPARED || ids.length > MAX_COMPARED) return null;
  return (
    <Button component={Link} variant="default" to={link("/compare", { run: ids })}>
      Compare these {ids.length}
    </Button>
  );
}

/** Tell which runs lie within all brushes; `null` while there is none. */
function watchBrushes(chart: EChartsType, tell: (inside: readonly number[] | null) => void) {
  const look = () => {
    // ECharts' own examples read it so; it has no other way.
    const model = (chart as unknown as { getModel(): { getSeries(): ParallelModel[] } }).getModel();
    const series = model.getSeries()[0];
    const active = series?.getRawIndicesByActiveState("active") ?? [];
    const hasBrush = active.length + (series?.getRawIndicesByActiveState("inactive") ?? []).length > 0;
    tell(hasBrush ? active : null);
  };
  chart.on("axisareaselected", look);
  return () => void chart.off("axisareaselected", look);
}

interface ParallelModel {
  getRawIndicesByActiveState(state: "active" | "inactive"): number[];
}
