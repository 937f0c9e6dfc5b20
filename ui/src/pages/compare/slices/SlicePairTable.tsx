import { Table, Text } from "@mantine/core";
import { WideTable } from "~/components/WideTable";
import { formatCount, formatDifference, formatInterval, formatNumber, formatP } from "~/format/number";
import { rangeOfDifferences, toneOf } from "../comparison";
import { DifferenceBar } from "../plots/DifferenceBar";
import { VerdictWord } from "../verdict/VerdictWord";
import type { SliceVerdict } from "./sliceRows";

/** The slices of one pair of runs. */
export function SlicePairTable({ slices, a, b }: { slices: readonly SliceVerdict[]; a: string; b: string }) {
  if (slices.length === 0) return <Text c="dimmed">No slice matches.</Text>;
  const range = rangeOfDifferences(slices);
  return (
    <WideTable label="Slices" minWidth={960}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Slice</Table.Th>
          <Table.Th className="ml-number">Rows</Table.Th>
          <Table.Th className="ml-number" maw={140}>
            <Text size="sm" fw={600} className="ml-text">
              {b}
            </Text>
          </Table.Th>
          <Table.Th className="ml-number" maw={140}>
            <Text size="sm" fw={600} className="ml-text">
              {a}
            </Text>
          </Table.Th>
          <Table.Th className="ml-number">Difference</Table.Th>
          <Table.Th>Around 0</Table.Th>
          <Table.Th className="ml-number">Interval</Table.Th>
          <Table.Th className="ml-number">Adjusted p</Table.Th>
          <Table.Th>Verdict</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {slices.map((slice) => (
          <Table.Tr key={`${slice.attribute}\n${slice.value}`}>
            <Table.Td className="ml-wrap" maw={280}>
              <SliceName attribute={slice.attribute} value={slice.value} />
            </Table.Td>
            <Table.Td className="ml-number">{formatCount(slice.n)}</Table.Td>
            <Table.Td className="ml-number">{formatNumber(slice.b_value)}</Table.Td>
            <Table.Td className="ml-number">{formatNumber(slice.a_value)}</Table.Td>
            <Table.Td className="ml-number">{formatDifference(slice.difference)}</Table.Td>
            <Table.Td>
              <DifferenceBar
                difference={slice.difference}
                low={slice.interval?.low}
                high={slice.interval?.high}
                range={range}
                tone={toneOf(slice.verdict)}
              />
            </Table.Td>
            <Table.Td className="ml-number">
              {formatInterval(slice.interval?.low, slice.interval?.high)}
            </Table.Td>
            <Table.Td className="ml-number">{formatP(slice.adjusted_p)}</Table.Td>
            <Table.Td>
              <VerdictWord word={slice.verdict} />
              {slice.note && (
                <Text size="xs" c="dimmed" maw={220}>
                  {slice.note}
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

/** What a slice was cut by, and which part it is. */
export function SliceName({ attribute, value }: { attribute: string; value: string }) {
  return (
    <>
      <Text span size="sm" c="dimmed">
        {attribute}{" "}
      </Text>
      <Text span size="sm" fw={500}>
        {value}
      </Text>
    </>
  );
}
