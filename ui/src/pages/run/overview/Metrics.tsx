import { Anchor, Text } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { EmptyState } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { type SearchColumn, SearchTable } from "~/components/SearchTable";
import { countOf, formatCount, formatNumber, MISSING } from "~/format/number";
import { useLink } from "~/state/address";
import { useEvaluations } from "../evaluation/queries";
import type { WholeRun } from "../queries";

type Metric = WholeRun["metrics"][string];

const COLUMNS: SearchColumn<Metric>[] = [
  { label: "Metric", width: "minmax(130px, 1fr)", cell: ({ name }) => <span title={name}>{name}</span> },
  { label: "Final", width: "80px", isNumber: true, cell: ({ final }) => formatNumber(final) },
  { label: "Min", width: "80px", isNumber: true, cell: ({ min }) => formatNumber(min) },
  { label: "Max", width: "80px", isNumber: true, cell: ({ max }) => formatNumber(max) },
  {
    label: "Last step",
    width: "72px",
    isNumber: true,
    cell: ({ last_step }) => (last_step === null ? MISSING : formatCount(last_step)),
  },
  {
    label: "Points",
    width: "64px",
    isNumber: true,
    cell: ({ count }) => (count ? formatCount(count) : MISSING),
  },
];
/** Shown only where there are any. */
const NONFINITE: SearchColumn<Metric> = {
  label: "NaN, inf",
  width: "64px",
  isNumber: true,
  cell: ({ n_nonfinite }) => (n_nonfinite ? formatCount(n_nonfinite) : MISSING),
};

/** Every metric in numbers, but those of the machine. */
export function Metrics({ run }: { run: WholeRun }) {
  const link = useLink();
  const isAlone = useEvaluations(run.run_id).data?.length === 0 && run.status === "completed";
  const metrics = useMemo(
    () =>
      Object.values(run.metrics)
        .filter(({ name }) => !name.startsWith("system/"))
        .sort((a, b) => a.name.localeCompare(b.name)),
    [run.metrics],
  );
  if (metrics.length === 0)
    return run.status === "running" || run.status === "pending" ? (
      <EmptyState
        title="No metrics yet"
        code={'for epoch in range(10):\n    run.log_metrics({"loss": loss}, step=epoch)'}
      >
        They appear here as the run logs them.
      </EmptyState>
    ) : (
      <Text size="sm" c="dimmed">
        The run recorded no metrics.
      </Text>
    );
  const isSaid = metrics.some(({ count }) => count > 1);
  return (
    <Section
      title="Metrics"
      actions={
        isSaid && (
          <Anchor component={Link} size="sm" to={link(`/runs/${encodeURIComponent(run.run_id)}/charts`)}>
            Charts of {countOf(metrics.length, "metric")}
          </Anchor>
        )
      }
    >
      <SearchTable
        label="Metrics"
        noun="metric"
        items={metrics}
        columns={metrics.some(({ n_nonfinite }) => n_nonfinite > 0) ? [...COLUMNS, NONFINITE] : COLUMNS}
        keyOf={({ name }) => name}
        textOf={({ name }) => name}
        minWidth={640}
      />
      {isAlone && (
        <Text size="xs" c="dimmed">
          These are the run’s own numbers, without intervals. An evaluation, by{" "}
          <code>run.log_evaluation(…)</code>, says how sure they are.
        </Text>
      )}
    </Section>
  );
}
