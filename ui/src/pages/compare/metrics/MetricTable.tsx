import { Badge, Group, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconTrophy } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useRef } from "react";
import { IntervalBar } from "~/components/Interval";
import { RunLink } from "~/components/RunLink";
import { formatDifference, formatNumber, MISSING } from "~/format/number";
import { useAddress } from "~/state/address";
import { type PairVerdict, rangeOfDifferences, type Side, toneOf } from "../comparison";
import { DifferenceBar } from "../plots/DifferenceBar";
import { spanOf } from "../plots/span";
import { type Cell, type CellDifference, findDifference, type Line, toNumberOrNull } from "./lines";
import classes from "./metrics.module.css";

interface MetricTableProps {
  lines: readonly Line[];
  runIds: readonly string[];
  sides: ReadonlyMap<string, Side>;
  base: string;
  pairs: readonly PairVerdict[];
  showsDifferences: boolean;
}

const ROW_HEIGHT = 47;

/** Metrics down, runs across; only the rows in sight are drawn, so a thousand metrics scroll smoothly. */
export function MetricTable({ lines, runIds, ...rest }: MetricTableProps) {
  const scroll = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const shown = rows.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  if (lines.length === 0) return <Text c="dimmed">No metric to show.</Text>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section ref={scroll} className={classes.scroll} tabIndex={0} aria-label="Metrics by run">
      <table className={classes.table} aria-rowcount={lines.length + 1}>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            {runIds.map((id) => (
              <th key={id} scope="col" className={classes.run}>
                <Group gap={4} wrap="nowrap">
                  <RunLink run={{ run_id: id, name: rest.sides.get(id)?.label }} />
                  {rest.showsDifferences && id === rest.base && <Badge style={{ flexShrink: 0 }}>base</Badge>}
                </Group>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Spacer height={before} />}
          {shown.map(({ index }) => {
            const line = lines[index];
            return line && <MetricRow key={line.metric} line={line} at={index} runIds={runIds} {...rest} />;
          })}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </table>
    </section>
  );
}

function Spacer({ height }: { height: number }) {
  return (
    <tr className={classes.spacer}>
      <td style={{ height }} />
    </tr>
  );
}

interface MetricRowProps extends Omit<MetricTableProps, "lines"> {
  line: Line;
  at: number;
}

const MetricRow = memo(function MetricRow({
  sides: colors,
  line,
  at,
  runIds,
  base,
  pairs,
  showsDifferences,
}: MetricRowProps) {
  const differences = showsDifferences
    ? new Map(runIds.map((id) => [id, findDifference(line, id, base, pairs)]))
    : null;
  const range =
    differences === null
      ? spanOf([...line.cells.values()].flatMap((cell) => [toNumberOrNull(cell.value), cell.low, cell.high]))
      : rangeOfDifferences([...differences.values()].filter((one) => one !== null).map(asInterval));
  return (
    <tr aria-rowindex={at + 2}>
      <th scope="row">
        <MetricName line={line} />
      </th>
      {runIds.map((id) => (
        <td key={id} className={classes.run}>
          {differences === null || id === base ? (
            <ValueCell
              line={line}
              runId={id}
              range={differences === null ? range : null}
              color={colors.get(id)?.color}
            />
          ) : (
            <DifferenceCell found={differences.get(id) ?? null} range={range} />
          )}
        </td>
      ))}
    </tr>
  );
});

function asInterval({ difference, low, high }: CellDifference) {
  return { difference, interval: { low, high } as PairVerdict["interval"] };
}

function MetricName({ line }: { line: Line }) {
  const [order, setOrder] = useAddress("order");
  const direction =
    line.higherIsBetter === null ? "" : line.higherIsBetter ? "higher is better" : "lower is better";
  const isOrder = order === line.metric;
  return (
    <UnstyledButton
      className={classes.metric}
      aria-pressed={isOrder}
      title={line.metric}
      onClick={() => setOrder(isOrder ? null : line.metric)}
    >
      <Text size="sm" fw={line.isPrimary ? 650 : 500} className="ml-text">
        {line.metric}
        {isOrder && " ⇢"}
      </Text>
      <Text size="xs" c="dimmed" className="ml-text">
        {[line.isPrimary && "primary", line.kind === "final" && "final value", direction]
          .filter(Boolean)
          .join(", ")}
      </Text>
    </UnstyledButton>
  );
}

interface ValueCellProps {
  line: Line;
  runId: string;
  range: readonly [number, number] | null;
  color: string | undefined;
}

function ValueCell({ line, runId, range, color }: ValueCellProps) {
  const cell: Cell | undefined = line.cells.get(runId);
  if (cell === undefined) return MISSING;
  const isBest = line.best === runId;
  const value = toNumberOrNull(cell.value);
  return (
    <>
      <Group gap={4} wrap="nowrap" className={isBest ? classes.best : undefined}>
        <Tooltip label={cell.note} disabled={cell.note === null}>
          <span>{formatNumber(cell.value)}</span>
        </Tooltip>
        {isBest && (
          <Badge color="teal" c="var(--ml-better)" leftSection={<IconTrophy size={11} aria-hidden="true" />}>
            best
          </Badge>
        )}
      </Group>
      {range !== null && value !== null && (
        <IntervalBar
          estimate={value}
          low={cell.low}
          high={cell.high}
          level={cell.level}
          range={range}
          width={104}
          color={color}
        />
      )}
    </>
  );
}

/** Said by grey, and in full by the tooltip. */
const UNSAID: ReadonlySet<string> = new Set(["no difference shown", "cannot tell"]);

function DifferenceCell({
  found,
  range,
}: {
  found: CellDifference | null;
  range: readonly [number, number];
}) {
  if (found === null) return MISSING;
  const tone = found.verdict === null ? "unsure" : toneOf(found.verdict.verdict);
  return (
    <Tooltip
      multiline
      maw={360}
      label={found.verdict?.sentence ?? "Not tested: the difference of two values"}
    >
      <div>
        <Group gap={6} wrap="nowrap">
          <span>{formatDifference(found.difference)}</span>
          {found.verdict !== null && !UNSAID.has(found.verdict.verdict) && (
            <Text size="xs" c={`var(--ml-${tone})`} className="ml-text">
              {found.verdict.verdict}
            </Text>
          )}
        </Group>
        <DifferenceBar {...found} range={range} tone={tone} width={104} />
      </div>
    </Tooltip>
  );
}
