import { Box, Group, Pagination, Select, Stack, Table, Text, Tooltip } from "@mantine/core";
import { useState } from "react";
import { IntervalBar } from "~/components/Interval";
import { SearchField } from "~/components/SearchField";
import { WideTable } from "~/components/WideTable";
import {
  countOf,
  formatCount,
  formatDifference,
  formatInterval,
  formatNumber,
  formatP,
} from "~/format/number";
import { useAddress } from "~/state/address";
import classes from "./Evaluation.module.css";
import { nameTest } from "./metricRows";
import type { Slice, SliceReport } from "./report";
import { badness, chooseSlices, isNotable, KINDS, type Kind, rangeOf, SORTS, type Sort } from "./sliceRows";

const PAGE_SIZE = 50;
const KIND_LABELS: Record<Kind, string> = {
  all: "all slices",
  notable: "that stand out",
  feature: "by columns of the data",
  missingness: "by missing cells",
  confidence: "by confidence",
  target: "by target",
};
const SORT_LABELS: Record<Sort, string> = {
  worst: "worst first",
  n: "largest first",
  value: "lowest value first",
  p: "smallest p first",
  name: "by column",
};

/** Parts of the data, each against the rest of it. */
export function SlicesPart({ report, whole }: { report: SliceReport; whole: number | null }) {
  const [text, setText] = useAddress("slice");
  const [kind, setKind] = useAddress("slices", "all");
  const [sort, setSort] = useAddress("order", "worst");
  const [page, setPage] = useState(1);
  const kinds = KINDS.filter(
    (name) => name === "all" || name === "notable" || report.slices.some((slice) => slice.kind === name),
  );
  const shown = chooseSlices(report, {
    text,
    kind: KINDS.find((name) => name === kind) ?? "all",
    sort: SORTS.find((name) => name === sort) ?? "worst",
  });
  const pages = Math.max(Math.ceil(shown.length / PAGE_SIZE), 1);
  const at = Math.min(page, pages);
  return (
    <Stack gap="sm">
      <Text size="sm" maw="78ch" className="ml-wrap">
        {describeWorst(report)} Each slice is compared with the rest of the data; adjusted p takes{" "}
        {countOf(report.n_tested, "test")} into account (Holm).
      </Text>
      {report.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed" className="ml-wrap">
          {note}
        </Text>
      ))}
      {report.slices.length > 0 && (
        <>
          <Group gap="sm">
            <SearchField
              label="Search slices"
              placeholder="Column or value"
              value={text}
              onSearch={setText}
            />
            <Select
              aria-label="Which slices"
              data={kinds.map((value) => ({ value, label: KIND_LABELS[value] }))}
              value={kind}
              onChange={(next) => setKind(next)}
            />
            <Select
              aria-label="Order of slices"
              data={SORTS.map((value) => ({ value, label: SORT_LABELS[value] }))}
              value={sort}
              onChange={(next) => setSort(next)}
            />
            <Text size="sm" c="dimmed">
              {shown.length === report.slices.length
                ? countOf(shown.length, "slice")
                : `${formatCount(shown.length)} of ${countOf(report.slices.length, "slice")}`}
            </Text>
          </Group>
          <SlicesTable
            slices={shown.slice((at - 1) * PAGE_SIZE, at * PAGE_SIZE)}
            report={report}
            range={rangeOf(shown, whole)}
          />
          {pages > 1 && (
            <Pagination size="sm" total={pages} value={at} onChange={setPage} getControlProps={nameControl} />
          )}
        </>
      )}
    </Stack>
  );
}

/** The arrows of a pagination have no text. */
export function nameControl(control: string): { "aria-label": string } {
  return { "aria-label": `${control} page` };
}

function describeWorst({ worst, higher_is_better }: SliceReport): string {
  if (worst === null) return "No part of the data stands out as worse.";
  const side = (badness(worst, higher_is_better) ?? 0) > 0 ? "worse" : "different";
  return `“${worst.attribute}: ${worst.value}” is ${side} than the rest: ${worst.metric} ${formatNumber(worst.estimate, 3)}, difference ${formatDifference(worst.difference)}, adjusted p ${formatP(worst.adjusted_p)}.`;
}

function SlicesTable({
  slices,
  report,
  range,
}: {
  slices: Slice[];
  report: SliceReport;
  range: readonly [number, number];
}) {
  const hasConfidence = slices.some(({ gap }) => gap !== null);
  return (
    <Box>
      <WideTable label="Slices" minWidth={900}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Slice</Table.Th>
            <Table.Th className="ml-number">n</Table.Th>
            <Table.Th className="ml-number">{report.metric}</Table.Th>
            <Table.Th>
              <Text size="xs" c="dimmed" className="ml-number" component="span">
                {formatNumber(range[0], 2)} to {formatNumber(range[1], 2)}
              </Text>
            </Table.Th>
            <Table.Th className="ml-number">Difference to the rest</Table.Th>
            <Table.Th className="ml-number">p</Table.Th>
            <Table.Th className="ml-number">adjusted p</Table.Th>
            {hasConfidence && <Table.Th className="ml-number">Confidence − accuracy</Table.Th>}
            <Table.Th>To know</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {slices.map((slice) => (
            <SliceRow
              key={`${slice.kind}\n${slice.attribute}\n${slice.value}`}
              slice={slice}
              report={report}
              range={range}
              hasConfidence={hasConfidence}
            />
          ))}
        </Table.Tbody>
      </WideTable>
      {slices.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          No slice fits. Change the search or the kind.
        </Text>
      )}
    </Box>
  );
}

function SliceRow({
  slice,
  report,
  range,
  hasConfidence,
}: {
  slice: Slice;
  report: SliceReport;
  range: readonly [number, number];
  hasConfidence: boolean;
}) {
  const worse = badness(slice, report.higher_is_better) ?? 0;
  const color = !isNotable(slice) ? "var(--ml-unsure)" : worse > 0 ? "var(--ml-worse)" : "var(--ml-better)";
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        <div className={`ml-text ${classes.cell}`} title={`${slice.attribute}: ${slice.value}`}>
          <Text size="xs" c="dimmed" component="span">
            {slice.attribute}
          </Text>{" "}
          {slice.value}
        </div>
      </Table.Th>
      <Table.Td className="ml-number">{formatCount(slice.n)}</Table.Td>
      <Table.Td className="ml-number">
        {formatNumber(slice.estimate, 3)}
        {slice.metric !== report.metric && (
          <Text size="xs" c="dimmed">
            {slice.metric}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <IntervalBar
          estimate={slice.estimate}
          low={slice.low}
          high={slice.high}
          level={slice.level}
          range={range}
          width={150}
          color={color}
        />
      </Table.Td>
      <Table.Td className="ml-number" style={{ color: isNotable(slice) ? color : undefined }}>
        <Tooltip
          label={`${formatInterval(slice.difference_low, slice.difference_high)}; ${nameTest(slice.test)}`}
          disabled={slice.difference === null}
        >
          <span>
            {formatDifference(slice.difference)}
            {isNotable(slice) && ` ${worse > 0 ? "worse" : "better"}`}
          </span>
        </Tooltip>
        {slice.difference_low !== null && (
          <Text size="xs" c="dimmed">
            {formatInterval(slice.difference_low, slice.difference_high, 2)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="ml-number">{formatP(slice.p_value)}</Table.Td>
      <Table.Td className="ml-number" fw={isNotable(slice) ? 600 : undefined}>
        {formatP(slice.adjusted_p)}
      </Table.Td>
      {hasConfidence && <Table.Td className="ml-number">{formatDifference(slice.gap)}</Table.Td>}
      <Table.Td miw={140} maw={280}>
        <Text size="xs" c="dimmed" className="ml-wrap" lineClamp={3}>
          {[slice.explained_by && `explained by ${slice.explained_by}`, slice.note]
            .filter(Boolean)
            .join("; ")}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
