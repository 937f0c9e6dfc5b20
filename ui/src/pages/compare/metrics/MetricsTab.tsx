import { Group, SegmentedControl, Select, Stack, Switch, Text } from "@mantine/core";
import { useMemo } from "react";
import { ErrorState } from "~/components/Feedback";
import { SearchField } from "~/components/SearchField";
import { countOf, formatCount } from "~/format/number";
import { useAddress } from "~/state/address";
import type { PartProps } from "../ComparisonView";
import { cutName, listSides } from "../comparison";
import { useEvaluations, useListedRuns } from "../queries";
import { type Line, listLines, orderRuns, spreadOf } from "./lines";
import { MetricTable } from "./MetricTable";

/** Every metric of every run, with intervals; as values or as differences. */
export default function MetricsTab({ comparison, asked }: PartProps) {
  const evaluations = useEvaluations(asked.runIds);
  const listed = useListedRuns(asked.runIds);
  const lines = useMemo(
    () => listLines({ comparison, evaluations: evaluations.data, runs: listed.data ?? [] }),
    [comparison, evaluations.data, listed.data],
  );
  const [shows, setShows] = useAddress("show", "values");
  const [order] = useAddress("order");
  const [sort, setSort] = useAddress("sort", "kind");
  const [search, setSearch] = useAddress("find");
  const [hides, setHides] = useAddress("differing");
  const sides = useMemo(() => listSides(comparison), [comparison]);
  const pairs = useMemo(() => [...comparison.verdicts, ...comparison.secondary], [comparison]);
  const base = comparison.baseline ?? asked.runIds[0] ?? "";
  const runIds = useMemo(
    () =>
      orderRuns(
        asked.runIds,
        lines.find((line) => line.metric === order),
      ),
    [asked.runIds, lines, order],
  );
  const shown = arrange(lines, { sort, search, hidesEqual: hides === "1" });
  const error = evaluations.error ?? listed.error;
  return (
    <Stack gap="sm">
      <Group gap="md" align="center">
        <SearchField label="Find metrics" value={search} onSearch={setSearch} />
        <SegmentedControl
          aria-label="What cells show"
          data={[
            { value: "values", label: "Values" },
            { value: "differences", label: "Differences" },
          ]}
          value={shows}
          onChange={setShows}
        />
        <Select
          aria-label="Order of metrics"
          w={190}
          data={[
            { value: "kind", label: "Tested metrics first" },
            { value: "name", label: "By name" },
            { value: "spread", label: "Largest spread first" },
          ]}
          value={sort}
          onChange={(value) => setSort(value)}
        />
        <Switch
          size="xs"
          label="Hide equal ones"
          checked={hides === "1"}
          onChange={(event) => setHides(event.currentTarget.checked ? "1" : null)}
        />
        <Text size="sm" c="dimmed">
          {shown.length === lines.length
            ? countOf(lines.length, "metric")
            : `${formatCount(shown.length)} of ${countOf(lines.length, "metric")}`}
        </Text>
      </Group>
      <Text size="sm" c="dimmed" maw="100ch">
        {shows === "differences"
          ? `Differences to ${cutName(sides.get(base)?.label ?? "the first run")}. `
          : ""}
        A run is marked best only where it is shown to be better than every other one
        {comparison.baseline !== null &&
          asked.runIds.length > 2 &&
          ", which needs all pairs, not only those with a baseline"}
        . Final values have no interval, and are not tested. A metric's name orders the runs by it.
      </Text>
      {error && <ErrorState error={error} what="Reading the metrics" retry={() => void listed.refetch()} />}
      <MetricTable
        lines={shown}
        runIds={runIds}
        sides={sides}
        base={base}
        pairs={pairs}
        showsDifferences={shows === "differences"}
      />
    </Stack>
  );
}

interface Arrangement {
  sort: string;
  search: string;
  hidesEqual: boolean;
}

function arrange(lines: readonly Line[], { sort, search, hidesEqual }: Arrangement): Line[] {
  const wanted = search.trim().toLowerCase();
  const kept = lines.filter(
    (line) => !(hidesEqual && line.isEqual) && line.metric.toLowerCase().includes(wanted),
  );
  if (sort === "name") kept.sort((one, other) => one.metric.localeCompare(other.metric));
  if (sort === "spread") kept.sort((one, other) => spreadOf(other) - spreadOf(one));
  return kept;
}
