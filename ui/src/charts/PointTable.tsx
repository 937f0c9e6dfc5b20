import { Table, Text } from "@mantine/core";
import { formatCount, formatNumber } from "~/format/number";
import { lowerBound } from "./align";
import type { DrawnSeries } from "./drawn";
import { makeFrame } from "./frame";
import { labelX } from "./ticks";
import type { ChartRange, XKind } from "./types";

const MAX_ROWS = 500;

interface PointTableProps {
  drawn: readonly DrawnSeries[];
  xKind: XKind;
  xLabel: string;
  range: ChartRange | null;
}

/** The points of a chart in rows, for those who would rather read them. */
export function PointTable({ drawn, xKind, xLabel, range }: PointTableProps) {
  const { data } = makeFrame(drawn);
  const x = data[0] as Float64Array;
  const first = range === null ? 0 : lowerBound(x, range[0]);
  let end = first;
  while (end < x.length && (range === null || (x[end] as number) <= range[1])) end += 1;
  const shown = Math.min(end - first, MAX_ROWS);
  return (
    <>
      {shown < end - first && (
        <Text size="sm" c="dimmed" mb="sm">
          The first {formatCount(shown)} of {formatCount(end - first)} rows. Zoom in for others; the CSV has
          all.
        </Text>
      )}
      <Table.ScrollContainer minWidth={0} maxHeight="70vh">
        <Table stickyHeader withColumnBorders>
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">{xLabel}</Table.Th>
              {drawn.map(({ series }) => (
                <Table.Th key={series.key} ta="right" maw={220} className="ml-text">
                  {series.label}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Array.from({ length: shown }, (_, row) => first + row).map((at) => (
              <Table.Tr key={at}>
                <Table.Th scope="row" className="ml-number" fw={400}>
                  {labelX(xKind, x[at] as number)}
                </Table.Th>
                {drawn.map(({ series }, line) => (
                  <Table.Td key={series.key} className="ml-number">
                    {readCell(data[line + 1]?.[at])}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

/** `null` is a value that is not a number, `undefined` no point at all. */
function readCell(value: number | null | undefined): string {
  return value === undefined ? "" : value === null ? "not drawn" : formatNumber(value, 6);
}
