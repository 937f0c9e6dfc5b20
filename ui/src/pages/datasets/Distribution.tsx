import { Text } from "@mantine/core";
import { countOf, formatNumber, MISSING } from "~/format/number";
import classes from "./Distribution.module.css";
import type { Column } from "./queries";

const [WIDTH, HEIGHT] = [150, 30];
const MAX_TOP = 3;

/** How a column's values are spread: bins of numbers, or the commonest values. */
export function Distribution({ column, nRows }: { column: Column; nRows: number | null }) {
  if (column.histogram) return <Histogram name={column.name} {...column.histogram} />;
  if (column.top.length > 0) return <TopValues column={column} nRows={nRows} />;
  return (
    <Text size="sm" c="dimmed">
      {MISSING}
    </Text>
  );
}

function Histogram({ name, edges, counts }: { name: string; edges: number[]; counts: number[] }) {
  const most = Math.max(1, ...counts);
  const width = WIDTH / Math.max(counts.length, 1);
  const label = `${name} from ${formatNumber(edges[0])} to ${formatNumber(edges.at(-1))} in ${countOf(counts.length, "bin")}, at most ${countOf(most, "value")} in one`;
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={label} className={classes.histogram}>
      {counts.map((count, at) => {
        const height = count === 0 ? 0 : Math.max((count / most) * (HEIGHT - 2), 1);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
          <g key={at}>
            <title>{`${formatNumber(edges[at])} to ${formatNumber(edges[at + 1])}: ${countOf(count, "value")}`}</title>
            <rect x={at * width} width={width} y={0} height={HEIGHT} fill="transparent" />
            <rect
              x={at * width}
              width={Math.max(width - 1, 0.5)}
              y={HEIGHT - height}
              height={height}
              fill="var(--ml-accent)"
            />
          </g>
        );
      })}
    </svg>
  );
}

function TopValues({ column, nRows }: { column: Column; nRows: number | null }) {
  const total = nRows ?? column.top.reduce((sum, { count }) => sum + count, 0);
  const shown = column.top.slice(0, MAX_TOP);
  const others = (column.n_unique ?? column.top.length) - shown.length;
  return (
    <ul className={classes.top}>
      {shown.map(({ value, count }) => {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return (
          <li key={text} title={`${text}: ${countOf(count, "row")}`}>
            <span className={classes.bar} style={{ width: `${(count / Math.max(total, 1)) * 100}%` }} />
            <span className={classes.value}>{text === "" ? "(empty)" : text}</span>
            <span className={classes.share}>{Math.round((count / Math.max(total, 1)) * 100)} %</span>
          </li>
        );
      })}
      {others > 0 && <li className={classes.others}>and {countOf(others, "other")}</li>}
    </ul>
  );
}
