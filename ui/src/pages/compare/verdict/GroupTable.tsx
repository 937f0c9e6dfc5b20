import { Table } from "@mantine/core";
import { IntervalBar } from "~/components/Interval";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import { formatCount, formatInterval, formatNumber } from "~/format/number";
import type { Comparison, Side } from "../comparison";
import { listSides } from "../comparison";
import { spanOf } from "../plots/span";
import { SideName } from "../SideName";

/** The seed groups: the mean over seeds with its interval, and every run's value. */
export function GroupTable({ comparison }: { comparison: Comparison }) {
  const { groups, primary_metric: metric } = comparison;
  const sides: Map<string, Side> = listSides(comparison);
  const range = spanOf(
    groups.flatMap(({ mean, values }) => [mean.low, mean.high, mean.estimate, ...Object.values(values)]),
  );
  return (
    <Section title="Seed groups">
      <WideTable label="Means of seed groups" minWidth={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Group</Table.Th>
            <Table.Th className="ml-number">Runs</Table.Th>
            <Table.Th>Seeds</Table.Th>
            <Table.Th className="ml-number">Mean {metric}</Table.Th>
            <Table.Th>Mean with its interval</Table.Th>
            <Table.Th className="ml-number">Interval</Table.Th>
            <Table.Th>Runs' values</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups.map((group) => (
            <Table.Tr key={group.group_id}>
              <Table.Td maw={240}>
                <SideName side={sides.get(group.group_id)} id={group.group_id} />
              </Table.Td>
              <Table.Td className="ml-number">{formatCount(group.run_ids.length)}</Table.Td>
              <Table.Td>{group.seeds.map((seed) => seed ?? "?").join(", ")}</Table.Td>
              <Table.Td className="ml-number">{formatNumber(group.mean.estimate)}</Table.Td>
              <Table.Td>
                <IntervalBar {...group.mean} range={range} color={sides.get(group.group_id)?.color} />
              </Table.Td>
              <Table.Td className="ml-number">{formatInterval(group.mean.low, group.mean.high)}</Table.Td>
              <Table.Td>
                <Dots values={Object.values(group.values)} range={range} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Section>
  );
}

function Dots({
  values,
  range,
  width = 120,
}: {
  values: number[];
  range: readonly [number, number];
  width?: number;
}) {
  const [from, to] = range;
  const text = `Values of the runs: ${values.map((value) => formatNumber(value)).join(", ")}`;
  return (
    <svg width={width} height={14} role="img" aria-label={text} style={{ display: "block" }}>
      <title>{text}</title>
      {values.map((value, at) => (
        <circle
          // biome-ignore lint/suspicious/noArrayIndexKey: values have no identity
          key={at}
          cx={4 + ((value - from) / (to - from || 1)) * (width - 8)}
          cy={7}
          r={3}
          fill="var(--ml-axis)"
          opacity={0.5}
        />
      ))}
    </svg>
  );
}
