import { Group, SegmentedControl, Select, Stack, Switch, Text } from "@mantine/core";
import { useMemo } from "react";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { SearchField } from "~/components/SearchField";
import { countOf } from "~/format/number";
import { useAddress } from "~/state/address";
import { Beware } from "../Beware";
import type { PartProps } from "../ComparisonView";
import { type Comparison, listSides } from "../comparison";
import { useComparison } from "../queries";
import { SlicePairTable } from "./SlicePairTable";
import { SliceRunTable } from "./SliceRunTable";
import { listByRun, listSlicePairs, sortWorstFirst } from "./sliceRows";

/** Parts of the test rows: where one run is worse than another, and where each is weakest. */
export default function SlicesTab({ asked }: PartProps) {
  const found = useComparison(asked, { slices: true });
  if (found.isError)
    return <ErrorState error={found.error} what="Comparing slices" retry={() => found.refetch()} />;
  if (found.data === undefined) return <Loading />;
  return <Slices comparison={found.data} />;
}

function Slices({ comparison }: { comparison: Comparison }) {
  const { slices } = comparison;
  const [view, setView] = useAddress("slices", "pair");
  const [wantedPair, setPair] = useAddress("pair");
  const [search, setSearch] = useAddress("slice");
  const [told, setTold] = useAddress("told");
  const sides = useMemo(() => listSides(comparison), [comparison]);
  const pairs = listSlicePairs(slices);
  const pair = pairs.find(({ key }) => key === wantedPair) ?? pairs[0];
  const higherIsBetter = comparison.higher_is_better ?? true;
  if (pair === undefined) {
    const why = comparison.warnings.find((warning) => warning.includes("slice"));
    return (
      <EmptyState
        title="No slices to compare"
        code={"run.log_evaluation(predictions=predictions, labels=labels, data=rows)"}
      >
        {why ?? "Slices are parts of the test rows, cut by the columns of their data."} Evaluate with the data
        of the rows, and runs on the same rows are compared part by part.
      </EmptyState>
    );
  }
  const matches = (one: { attribute: string; value: string }) =>
    `${one.attribute} ${one.value}`.toLowerCase().includes(search.trim().toLowerCase());
  const ofPair = sortWorstFirst(
    slices.filter(({ a, b }) => a === pair.a && b === pair.b),
    higherIsBetter,
  ).filter((one) => matches(one) && (told !== "1" || one.verdict === "better" || one.verdict === "worse"));
  const label = (id: string) => sides.get(id)?.label ?? id;
  return (
    <Stack gap="sm">
      <Group gap="md">
        <SegmentedControl
          aria-label="What is shown"
          data={[
            { value: "pair", label: "A pair" },
            { value: "runs", label: "All runs" },
          ]}
          value={view}
          onChange={setView}
        />
        {view === "pair" && (
          <Select
            aria-label="Pair"
            w={320}
            searchable={pairs.length > 8}
            data={pairs.map(({ key, a, b }) => ({ value: key, label: `${label(b)} against ${label(a)}` }))}
            value={pair.key}
            onChange={(value) => setPair(value)}
          />
        )}
        <SearchField label="Find slices" value={search} onSearch={setSearch} />
        {view === "pair" && (
          <Switch
            size="xs"
            label="Only those told apart"
            checked={told === "1"}
            onChange={(event) => setTold(event.currentTarget.checked ? "1" : null)}
          />
        )}
      </Group>
      {view === "pair" ? (
        <SlicePairTable slices={ofPair} a={label(pair.a)} b={label(pair.b)} />
      ) : (
        <SliceRunTable
          rows={listByRun(slices, higherIsBetter).filter(matches)}
          runIds={comparison.runs.map((run) => run.run_id)}
          sides={sides}
        />
      )}
      <Text size="sm" c="dimmed" maw="92ch">
        Worst first, on {slices[0]?.metric}. P-values are adjusted for all{" "}
        {countOf(slices[0]?.family_size ?? 0, "test")} of slices in this comparison: among so many parts, some
        differ by chance.
      </Text>
      <Beware warnings={comparison.warnings.filter((warning) => warning.includes("slice"))} />
    </Stack>
  );
}
