import { Table, Text } from "@mantine/core";
import { IntervalBar } from "~/components/Interval";
import { WideTable } from "~/components/WideTable";
import { formatCount, formatNumber } from "~/format/number";
import type { Side } from "../comparison";
import { spanOf } from "../plots/span";
import { SideName } from "../SideName";
import { SliceName } from "./SlicePairTable";
import type { SliceOfRuns } from "./sliceRows";

interface SliceRunTableProps {
  rows: readonly SliceOfRuns[];
  runIds: readonly string[];
  sides: ReadonlyMap<string, Side>;
}

/** Slices down, runs across: the value of each run on each part, all on one axis. */
export function SliceRunTable({ rows, runIds, sides }: SliceRunTableProps) {
  if (rows.length === 0) return <Text c="dimmed">No slice matches.</Text>;
  const range = spanOf(rows.flatMap((row) => [...row.values.values()]));
  return (
    <WideTable label="Slices by run" minWidth={300 + 130 * runIds.length}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Slice</Table.Th>
          <Table.Th className="ml-number">Rows</Table.Th>
          {runIds.map((id) => (
            <Table.Th key={id} maw={170}>
              <SideName side={sides.get(id)} id={id} />
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={`${row.attribute}\n${row.value}`}>
            <Table.Td className="ml-wrap" maw={260}>
              <SliceName attribute={row.attribute} value={row.value} />
            </Table.Td>
            <Table.Td className="ml-number">{formatCount(row.n)}</Table.Td>
            {runIds.map((id) => (
              <Table.Td key={id}>
                {formatNumber(row.values.get(id))}
                {row.values.has(id) && (
                  <IntervalBar
                    estimate={row.values.get(id)}
                    low={null}
                    high={null}
                    range={range}
                    width={100}
                    color={sides.get(id)?.color}
                  />
                )}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
