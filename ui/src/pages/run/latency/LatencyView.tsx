import { Box, List, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Caution } from "~/components/Caution";
import { Facts } from "~/components/Facts";
import { Loading } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import { countOf, formatCount, formatNumber } from "~/format/number";
import { formatDuration, formatMoment } from "~/format/time";
import { useAddress } from "~/state/address";
import {
  describeMachine,
  describeMode,
  formatEnds,
  formatMs,
  formatRate,
  nameLevel,
  namePercentile,
} from "./levels";
import { type LatencyRecord, type LatencyReport, type Level, readLatency } from "./report";

// The plots bring a chart library, which the numbers do not wait for.
const LatencyPlots = lazy(() => import("./LatencyPlots"));

/** One report: its percentiles, curves and what to know about them. */
export function LatencyView({ record }: { record: LatencyRecord }) {
  const report = readLatency(record);
  const [load, setLoad] = useAddress("load", "0");
  const place = Math.min(Number.parseInt(load, 10) || 0, report.levels.length - 1);
  const level = report.levels[place];
  if (level === undefined) return null;
  return (
    <Stack gap="lg" component="section" aria-label={`Latency ${record.name}`}>
      <ReportFacts record={record} report={report} level={level} />
      {report.levels.length > 1 && <LevelsTable levels={report.levels} />}
      {report.levels.length > 1 && (
        <SegmentedControl
          aria-label="Load"
          style={{ alignSelf: "flex-start", maxWidth: "100%", overflowX: "auto" }}
          value={String(place)}
          onChange={setLoad}
          data={report.levels.map((each, at) => ({ value: String(at), label: nameLevel(each) }))}
        />
      )}
      <LevelNotes level={level} />
      <PercentilesTable level={level} />
      <Suspense fallback={<Loading />}>
        <LatencyPlots report={report} level={level} />
      </Suspense>
    </Stack>
  );
}

function ReportFacts({
  record,
  report,
  level,
}: {
  record: LatencyRecord;
  report: LatencyReport;
  level: Level;
}) {
  const { environment } = report;
  const machine = describeMachine(report.machine);
  return (
    <Stack gap="xs">
      <Facts
        facts={[
          { label: "Report", value: record.name },
          report.target === null ? null : { label: "Target", value: report.target },
          { label: "Throughput", value: formatRate(level.throughput_per_s) },
          {
            label: "Warm-up, left out",
            value:
              level.warmup_calls > 0
                ? `${countOf(level.warmup_calls, "call")} in ${formatDuration(level.warmup_s)}`
                : "none recorded",
          },
          report.timeout_s === null ? null : { label: "Timeout", value: formatDuration(report.timeout_s) },
          { label: "Recorded", value: formatMoment(record.created_at) },
        ]}
      />
      <Text size="sm" c="dimmed" className="ml-wrap">
        {describeMode(report)}
        <br />
        Machine: {machine ?? "not recorded"}
        {environment && (
          <>
            <br />
            Process: {environment.python}, {environment.usable_cpus ?? "?"} of {environment.cpus ?? "?"}{" "}
            processors, {countOf(environment.threads, "thread")} before, garbage collector{" "}
            {environment.gc_enabled ? "on" : "off"}
          </>
        )}
      </Text>
    </Stack>
  );
}

function LevelNotes({ level }: { level: Level }) {
  const { failures, notes } = level;
  if (notes.length === 0 && failures.length === 0 && level.n_unstarted === 0) return null;
  return (
    <Caution title="To know">
      <List size="sm">
        {notes.map((note) => (
          <List.Item key={note} className="ml-wrap">
            {note}
          </List.Item>
        ))}
        {level.n_unstarted > 0 && (
          <List.Item>
            {countOf(level.n_unstarted, "planned call")} were not begun before the time was up.
          </List.Item>
        )}
        {failures.map((failure) => (
          <List.Item key={`${failure.kind} ${failure.message}`} className="ml-wrap">
            {countOf(failure.count, failure.kind)}: {failure.message}
          </List.Item>
        ))}
      </List>
    </Caution>
  );
}

function PercentilesTable({ level }: { level: Level }) {
  const { latency, service, corrected } = level;
  return (
    <Section title="Percentiles">
      <Box maw={900}>
        <WideTable label="Percentiles and their intervals" minWidth={620}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Percentile</Table.Th>
              <Table.Th className="ml-number">Latency</Table.Th>
              <Table.Th className="ml-number">95 % interval</Table.Th>
              {service && <Table.Th className="ml-number">Service</Table.Th>}
              {corrected && <Table.Th className="ml-number">Corrected (made up in part)</Table.Th>}
              <Table.Th>To know</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {latency.percentiles.map((found, at) => (
              <Table.Tr key={found.q}>
                <Table.Th scope="row" fw={400}>
                  {namePercentile(found.q)}
                </Table.Th>
                <Table.Td className="ml-number">{formatMs(found.value_ms)}</Table.Td>
                <Table.Td className="ml-number">{found.value_ms === null ? "" : formatEnds(found)}</Table.Td>
                {service && (
                  <Table.Td className="ml-number">{formatMs(service.percentiles[at]?.value_ms)}</Table.Td>
                )}
                {corrected && (
                  <Table.Td className="ml-number">{formatMs(corrected.percentiles[at]?.value_ms)}</Table.Td>
                )}
                <Table.Td c="dimmed">{found.note}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      </Box>
      <Text size="sm" c="dimmed">
        {countOf(latency.n, "call")} that succeeded: from {formatMs(latency.min_ms)} to{" "}
        {formatMs(latency.max_ms)}, mean {formatMs(latency.mean_ms)}, standard deviation{" "}
        {formatMs(latency.standard_deviation_ms)}.
        {level.n_errors + level.n_timeouts > 0 &&
          ` ${countOf(level.n_errors, "error")} and ${countOf(level.n_timeouts, "timeout")} beside them.`}
        {level.autocorrelation !== null &&
          ` Autocorrelation of consecutive calls ${formatNumber(level.autocorrelation, 2)}.`}
        {level.gc_collections !== null && ` Garbage collections: ${formatCount(level.gc_collections)}.`}
      </Text>
    </Section>
  );
}

function LevelsTable({ levels }: { levels: Level[] }) {
  return (
    <Section title="Under load">
      <Box maw={900}>
        <WideTable label="Latency under load" minWidth={620}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Load</Table.Th>
              <Table.Th className="ml-number">Throughput</Table.Th>
              {["p50", "p95", "p99"].map((name) => (
                <Table.Th key={name} className="ml-number">
                  {name}
                </Table.Th>
              ))}
              <Table.Th className="ml-number">Calls</Table.Th>
              <Table.Th className="ml-number">Failed</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {levels.map((level) => (
              <Table.Tr key={nameLevel(level)}>
                <Table.Th scope="row" fw={400}>
                  {nameLevel(level)}
                </Table.Th>
                <Table.Td className="ml-number">{formatRate(level.throughput_per_s)}</Table.Td>
                <Table.Td className="ml-number">{formatMs(level.p50_ms)}</Table.Td>
                <Table.Td className="ml-number">{formatMs(level.p95_ms)}</Table.Td>
                <Table.Td className="ml-number">{formatMs(level.p99_ms)}</Table.Td>
                <Table.Td className="ml-number">{formatCount(level.n)}</Table.Td>
                <Table.Td className="ml-number">{formatCount(level.n_errors + level.n_timeouts)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      </Box>
    </Section>
  );
}
