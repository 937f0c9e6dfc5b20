import { Anchor, Box, Stack, Table, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IntervalBar } from "~/components/Interval";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import {
  countOf,
  formatCount,
  formatDifference,
  formatInterval,
  formatNumber,
  formatP,
} from "~/format/number";
import classes from "./Evaluation.module.css";
import {
  describeInterval,
  listMetrics,
  MEANINGS,
  type MetricRow,
  nameTest,
  otherIntervals,
} from "./metricRows";
import { type Baseline, type ClassMetrics, type Evaluation, nameClass, type Report } from "./report";

/** All metrics with their intervals, the answer that needs no model, and each class by itself. */
export function MetricsPart({ evaluation, report }: { evaluation: Evaluation; report: Report | null }) {
  const { headline, more } = listMetrics(evaluation);
  const [isOpen, { toggle }] = useDisclosure(false);
  return (
    <Stack gap="lg">
      <Section title="Metrics">
        <MetricsTable rows={isOpen ? [...headline, ...more] : headline} n={evaluation.n} report={report} />
        {more.length > 0 && (
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={toggle}
            aria-expanded={isOpen}
            ta="left"
          >
            {isOpen ? "Show the main metrics only" : `Show ${countOf(more.length, "further metric")}`}
          </Anchor>
        )}
      </Section>
      {report && <BaselineSection baseline={report.majority_baseline} />}
      {report && report.per_class.length > 0 && <ClassesSection rows={report.per_class} />}
    </Stack>
  );
}

function MetricsTable({ rows, n, report }: { rows: MetricRow[]; n: number; report: Report | null }) {
  return (
    <Box maw={960}>
      <WideTable label="Table of metrics" minWidth={780}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Metric</Table.Th>
            <Table.Th className="ml-number">Value</Table.Th>
            <Table.Th>95 % interval</Table.Th>
            <Table.Td />
            <Table.Th>To know</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.name}>
              <Table.Th scope="row" miw={210} fw={row.isPrimary ? 600 : 400}>
                <MetricName row={row} />
              </Table.Th>
              <Table.Td className="ml-number" fw={row.isPrimary ? 600 : 400}>
                {row.value === null ? "undefined" : formatNumber(row.value)}
              </Table.Td>
              <Table.Td>
                {row.value !== null && (
                  <IntervalBar
                    estimate={row.value}
                    low={row.interval?.low}
                    high={row.interval?.high}
                    level={row.interval?.level}
                    range={row.range}
                    width={200}
                    showsEnds
                  />
                )}
              </Table.Td>
              <Table.Td>{row.value !== null && <IntervalText row={row} n={n} report={report} />}</Table.Td>
              <Table.Td miw={220} maw={280}>
                <Text size="xs" c="dimmed" className="ml-wrap">
                  {row.note}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Box>
  );
}

function MetricName({ row }: { row: MetricRow }) {
  const meaning = MEANINGS.get(row.name);
  const name = (
    <Text size="sm" fw="inherit" className="ml-wrap" component="span" tabIndex={meaning ? 0 : undefined}>
      {row.name}
    </Text>
  );
  return (
    <>
      {meaning ? <Tooltip label={meaning}>{name}</Tooltip> : name}
      {row.isPrimary && (
        <Text size="xs" c="dimmed" fw={400}>
          primary
        </Text>
      )}
    </>
  );
}

function IntervalText({ row, n, report }: { row: MetricRow; n: number; report: Report | null }) {
  const { interval } = row;
  const others = report ? otherIntervals(report, row.name) : [];
  const lines = [interval, ...others].map(describeInterval).concat(countOf(n, "row"));
  return (
    <Tooltip multiline maw={420} label={lines.map((line) => <div key={line}>{line}</div>)}>
      <Text
        size="sm"
        component="span"
        tabIndex={0}
        style={{ whiteSpace: "nowrap" }}
        c={interval?.low === null ? "dimmed" : undefined}
      >
        {interval === null || interval.low === null ? "none" : formatInterval(interval.low, interval.high)}
      </Text>
    </Tooltip>
  );
}

const VERDICT_COLORS: Readonly<Record<string, string>> = {
  better: "var(--ml-better)",
  worse: "var(--ml-worse)",
};

function BaselineSection({ baseline }: { baseline: Baseline }) {
  const { test, prior } = baseline;
  const answer =
    baseline.kind === "mean"
      ? `the mean (${formatNumber(Number(baseline.answer))})`
      : `“${nameClass(baseline.answer)}”${baseline.kind === "majority class" ? ", the majority class" : ""}`;
  return (
    <Section title="Against an answer that needs no model">
      <Text size="sm" maw="78ch" className="ml-wrap">
        Always answering {answer} gives {baseline.metric} {formatNumber(baseline.baseline)}; the model has{" "}
        {formatNumber(baseline.model)}:{" "}
        <b style={{ color: VERDICT_COLORS[baseline.verdict] ?? "var(--ml-unsure)" }}>{baseline.verdict}</b>.
        {test && <> Difference {describeTest(test)}</>}
      </Text>
      {prior && baseline.prior_verdict && (
        <Text size="sm" maw="78ch">
          Its probabilities against the share of each class, by Brier score:{" "}
          <b style={{ color: VERDICT_COLORS[baseline.prior_verdict] ?? "var(--ml-unsure)" }}>
            {baseline.prior_verdict}
          </b>
          . Difference {describeTest(prior)}
        </Text>
      )}
    </Section>
  );
}

function describeTest(test: NonNullable<Baseline["test"]>): string {
  const { estimate, low, high } = test.interval;
  const interval = low === null ? "" : ` (${formatInterval(low, high)})`;
  return `${formatDifference(estimate)}${interval}, p ${formatP(test.p_value)}, ${nameTest(test.name)}.`;
}

const CLASS_COLUMNS = ["precision", "recall", "f1", "specificity", "roc_auc", "pr_auc"];

function ClassesSection({ rows }: { rows: ClassMetrics[] }) {
  const columns = CLASS_COLUMNS.filter((name) => rows.some((row) => name in row));
  return (
    <Section title="Each class">
      <Box maw={900}>
        <WideTable label="Metrics of each class">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Class</Table.Th>
              <Table.Th className="ml-number">labels</Table.Th>
              <Table.Th className="ml-number">predicted</Table.Th>
              {columns.map((name) => (
                <Table.Th key={name} className="ml-number">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={nameClass(row.class)}>
                <Table.Th
                  scope="row"
                  fw={400}
                  className={`ml-text ${classes.cell}`}
                  title={nameClass(row.class)}
                >
                  {nameClass(row.class)}
                </Table.Th>
                <Table.Td className="ml-number">{formatCount(row.n)}</Table.Td>
                <Table.Td className="ml-number">{formatCount(row.n_predicted)}</Table.Td>
                {columns.map((name) => (
                  <Table.Td key={name} className="ml-number">
                    {formatNumber(row[name] as number | null)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      </Box>
    </Section>
  );
}
