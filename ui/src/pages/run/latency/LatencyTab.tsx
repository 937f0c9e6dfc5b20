import { Anchor, Stack, Table, Text } from "@mantine/core";
import { Caution } from "~/components/Caution";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import { formatCount } from "~/format/number";
import { useAddress } from "~/state/address";
import type { TabProps } from "../tabs";
import { LatencyView } from "./LatencyView";
import { formatEnds, formatMs, formatRate, listMachines, percentileOf } from "./levels";
import { useLatencies } from "./queries";
import { type LatencyReport, readLatency } from "./report";

const CODE = `pip install 'modellab[evaluation]'

profile = modellab.profile_latency(predict, inputs, n_calls=2000, concurrency=[1, 4])
with modellab.start_run("baseline") as run:
    run.log_latency(profile)`;

/** How long the model takes to answer, and how sure that is. */
export default function LatencyTab({ run }: TabProps) {
  const latencies = useLatencies(run.run_id);
  const [wanted, setWanted] = useAddress("latency");
  if (latencies.isPending) return <Loading />;
  if (latencies.isError)
    return (
      <ErrorState error={latencies.error} what="Reading the latency" retry={() => latencies.refetch()} />
    );
  const record = latencies.data.find(({ name }) => name === wanted) ?? latencies.data[0];
  if (record === undefined)
    return (
      <EmptyState title="No latency yet" code={CODE}>
        A profile leaves out the warm-up and tells percentiles with intervals. Times that were measured
        elsewhere can be sent to <code>POST /api/modellab/runs/RUN_ID/latency</code>.
      </EmptyState>
    );
  const reports = latencies.data.map(readLatency);
  return (
    <Stack gap="lg">
      <MachineWarning reports={reports} />
      {reports.length > 1 && <Overview reports={reports} shown={record.name} onChoose={setWanted} />}
      <LatencyView record={record} />
    </Stack>
  );
}

/** Times of different machines cannot be compared. */
function MachineWarning({ reports }: { reports: LatencyReport[] }) {
  const machines = listMachines(reports);
  if (machines.size < 2) return null;
  return (
    <Caution title="These were measured on different machines">
      <Text size="sm">Their times do not say which is faster.</Text>
      {[...machines].map(([machine, names]) => (
        <Text key={machine} size="sm" className="ml-wrap">
          {names.join(", ")}: {machine}
        </Text>
      ))}
    </Caution>
  );
}

interface OverviewProps {
  reports: LatencyReport[];
  shown: string;
  onChoose: (name: string) => void;
}

function Overview({ reports, shown, onChoose }: OverviewProps) {
  return (
    <Section title="Reports">
      <WideTable label="Latency reports" minWidth={720}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Report</Table.Th>
            <Table.Th className="ml-number">Calls</Table.Th>
            {["p50", "p95", "p99"].map((name) => (
              <Table.Th key={name} className="ml-number">
                {name}
              </Table.Th>
            ))}
            <Table.Th className="ml-number">Throughput</Table.Th>
            <Table.Th>Target</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {reports.map((report) => (
            <Table.Tr key={report.name} bg={report.name === shown ? "var(--ml-accent-soft)" : undefined}>
              <Table.Td>
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  c="var(--ml-accent)"
                  aria-current={report.name === shown}
                  onClick={() => onChoose(report.name)}
                >
                  {report.name}
                </Anchor>
              </Table.Td>
              <Table.Td className="ml-number">{formatCount(report.n)}</Table.Td>
              {[0.5, 0.95, 0.99].map((q) => (
                <PercentileCell key={q} report={report} q={q} />
              ))}
              <Table.Td className="ml-number">{formatRate(report.levels[0]?.throughput_per_s)}</Table.Td>
              <Table.Td>
                <div className="ml-text" style={{ maxWidth: 260 }} title={report.target ?? undefined}>
                  {report.target ?? "–"}
                </div>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Section>
  );
}

function PercentileCell({ report, q }: { report: LatencyReport; q: number }) {
  const found = percentileOf(report.levels[0], q);
  return (
    <Table.Td className="ml-number">
      {formatMs(found?.value_ms)}
      {found !== null && found.value_ms !== null && (
        <Text size="xs" c="dimmed">
          {formatEnds(found)}
        </Text>
      )}
    </Table.Td>
  );
}
