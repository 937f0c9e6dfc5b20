import { Group, SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { ChartToolbar, CurveChart, useChartSettings } from "~/charts";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { SearchField } from "~/components/SearchField";
import { countOf } from "~/format/number";
import { useAddress } from "~/state/address";
import type { PartProps } from "../ComparisonView";
import { useListedRuns } from "../queries";
import { GroupChart } from "./GroupChart";
import { listNames, MAX_ASKED, useCurveMetrics } from "./queries";

/** The curves of all runs, metric by metric; of seed groups their mean with an interval. */
export default function CurvesTab({ comparison, asked, runs }: PartProps) {
  const [settings, change] = useChartSettings();
  const [search, setSearch] = useAddress("find");
  const { groups } = comparison;
  const [lines, setLines] = useAddress("lines", groups.length > 0 ? "groups" : "runs");
  const listed = useListedRuns(asked.runIds);
  const names = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return listNames(listed.data ?? []).filter((name) => name.toLowerCase().includes(wanted));
  }, [listed.data, search]);
  const metrics = useCurveMetrics(asked.runIds, names);
  const chartRuns = useMemo(
    () => runs.map(({ run_id, name, started_at }) => ({ run_id, name, started_at })),
    [runs],
  );
  const error = listed.error ?? metrics.error;
  const showsGroups = lines === "groups" && groups.length > 0;
  if (error) return <ErrorState error={error} what="Finding curves" retry={() => void metrics.refetch()} />;
  return (
    <Stack gap="sm">
      <Group gap="md">
        <SearchField label="Find metrics" value={search} onSearch={setSearch} />
        {groups.length > 0 && (
          <SegmentedControl
            aria-label="What lines are"
            data={[
              { value: "groups", label: "Seed groups" },
              { value: "runs", label: "Single runs" },
            ]}
            value={lines}
            onChange={setLines}
          />
        )}
        <ChartToolbar settings={settings} onChange={change} metrics={metrics.data ?? []} />
      </Group>
      {showsGroups && settings.xKind !== "step" && (
        <Text size="sm" c="dimmed">
          Means of seed groups are by step, whatever x is chosen.
        </Text>
      )}
      {(listed.isPending || metrics.isLoading) && <Loading />}
      {metrics.data?.length === 0 || (listed.isSuccess && names.length === 0) ? (
        <NoCurves isSearch={search !== ""} />
      ) : (
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
          {metrics.data?.map((metric) =>
            showsGroups ? (
              <GroupChart
                key={metric}
                groups={groups}
                metric={metric}
                settings={settings}
                onChange={change}
              />
            ) : (
              <CurveChart
                key={metric}
                runs={chartRuns}
                metric={metric}
                settings={settings}
                syncKey="compare"
              />
            ),
          )}
        </SimpleGrid>
      )}
      {names.length > MAX_ASKED && (
        <Text size="sm" c="dimmed">
          Of {countOf(names.length, "metric")}, curves are looked for in the first {MAX_ASKED}; find others by
          name.
        </Text>
      )}
    </Stack>
  );
}

function NoCurves({ isSearch }: { isSearch: boolean }) {
  if (isSearch) return <Text c="dimmed">No metric with a curve is called that.</Text>;
  return (
    <EmptyState title="No curves" code={'run.log_metrics({"loss": loss}, step=step)'}>
      A metric that is logged at several steps is a curve, and the curves of these runs are laid over each
      other here.
    </EmptyState>
  );
}
