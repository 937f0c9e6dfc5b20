import { Button, Stack, Table } from "@mantine/core";
import { useState } from "react";
import { RunLink } from "~/components/RunLink";
import { WideTable } from "~/components/WideTable";
import { formatCount, formatNumber, MISSING } from "~/format/number";
import type { TableRow } from "../queries";
import { type Axis, nameAt } from "./axis";

interface ValuesTableProps {
  rows: readonly TableRow[];
  axes: readonly Axis[];
  /** Which of the axes' runs the rows are; `null` for all of them. */
  inside: readonly number[] | null;
}

const FIRST = 20;

/** What a chart draws, as a table: for those who do not see it, and for the numbers. */
export function ValuesTable({ rows, axes, inside }: ValuesTableProps) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FIRST);
  return (
    <Stack gap="xs">
      <WideTable label="The runs that are drawn" minWidth={200 + axes.length * 110}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            {axes.map((axis) => (
              <Table.Th key={axis.field} className={axis.kind === "category" ? undefined : "ml-number"}>
                {axis.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row, at) => (
            <Table.Tr key={row.run_id}>
              <Table.Td maw={240}>
                <RunLink run={row} />
              </Table.Td>
              {axes.map((axis) => {
                const value = nameAt(axis, inside?.[at] ?? at);
                return typeof value === "number" ? (
                  <Table.Td key={axis.field} className="ml-number">
                    {formatNumber(value)}
                  </Table.Td>
                ) : (
                  <Table.Td key={axis.field} className={axis.kind === "category" ? "ml-wrap" : "ml-number"}>
                    {value ?? MISSING}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {rows.length > FIRST && (
        <div>
          <Button variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? `Show the first ${FIRST}` : `Show all ${formatCount(rows.length)} runs`}
          </Button>
        </div>
      )}
    </Stack>
  );
}
