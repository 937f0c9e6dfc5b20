import { Box, Tabs } from "@mantine/core";
import { type ComponentType, lazy, Suspense, useMemo } from "react";
import { ErrorState, Loading } from "~/components/Feedback";
import { TabRow } from "~/components/TabRow";
import { useAddress } from "~/state/address";
import { useCompareAddress } from "./address";
import { Controls } from "./Controls";
import type { Comparison } from "./comparison";
import { type Asked, type TableRow, useComparison } from "./queries";
import { VerdictTab } from "./verdict/VerdictTab";

/** What each part of a comparison is given. */
export interface PartProps {
  asked: Asked;
  comparison: Comparison;
  runs: readonly TableRow[];
}

interface Part {
  name: string;
  label: string;
  Content: ComponentType<PartProps>;
}

const PARTS: readonly Part[] = [
  { name: "verdict", label: "Verdict", Content: VerdictTab },
  { name: "metrics", label: "Metrics", Content: lazy(() => import("./metrics/MetricsTab")) },
  { name: "curves", label: "Curves", Content: lazy(() => import("./curves/CurvesTab")) },
  { name: "differences", label: "Differences", Content: lazy(() => import("./differences/DifferencesTab")) },
  { name: "params", label: "Params and results", Content: lazy(() => import("./explore/ExploreTab")) },
  { name: "slices", label: "Slices", Content: lazy(() => import("./slices/SlicesTab")) },
  { name: "radar", label: "Radar", Content: lazy(() => import("./radar/RadarTab")) },
  { name: "examples", label: "Fixed and broken", Content: lazy(() => import("./examples/ExamplesTab")) },
];

/** A comparison: by what it is made, and its parts. */
export function ComparisonView({
  chosen,
}: {
  chosen: { runs: readonly TableRow[]; missing: readonly string[] };
}) {
  const { runIds, baseline, metric, split, minEffect } = useCompareAddress();
  const there = useMemo(() => runIds.filter((id) => !chosen.missing.includes(id)), [runIds, chosen.missing]);
  const asked: Asked = useMemo(
    () => ({ runIds: there, baseline, metric, split, minEffect }),
    [there, baseline, metric, split, minEffect],
  );
  const comparison = useComparison(asked);
  return (
    <>
      <Controls asked={asked} comparison={comparison.data} runs={chosen.runs} />
      {comparison.isError && (
        <ErrorState error={comparison.error} what="Comparing" retry={() => comparison.refetch()} />
      )}
      {comparison.isLoading && <Loading />}
      {comparison.data && !comparison.isError && (
        <Box
          style={{ opacity: comparison.isPlaceholderData ? 0.6 : 1 }}
          aria-busy={comparison.isPlaceholderData}
        >
          <Parts asked={asked} comparison={comparison.data} runs={chosen.runs} />
        </Box>
      )}
    </>
  );
}

function Parts(props: PartProps) {
  const [tab, setTab] = useAddress("tab", "verdict");
  const shown = PARTS.find(({ name }) => name === tab) ?? PARTS[0];
  return (
    <Tabs value={shown?.name ?? null} onChange={(next) => setTab(next, { push: true })}>
      <TabRow open={shown?.name ?? null}>
        {PARTS.map(({ name, label }) => (
          <Tabs.Tab key={name} value={name}>
            {label}
          </Tabs.Tab>
        ))}
      </TabRow>
      {PARTS.map(({ name, Content }) => (
        <Tabs.Panel key={name} value={name} pt="md">
          <Suspense fallback={<Loading />}>
            <Content {...props} />
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
