import { Tooltip } from "@mantine/core";
import { formatInterval, formatNumber, MISSING } from "~/format/number";
import classes from "./Interval.module.css";

interface IntervalProps {
  estimate: number | null | undefined;
  low: number | null | undefined;
  high: number | null | undefined;
  level?: number;
  /** The axis that several of them share, so that they can be compared by eye. */
  range: readonly [number, number];
  width?: number;
  color?: string;
  /** Whether the numbers at which the axis ends are written beside it, for axes that no head tells. */
  showsEnds?: boolean;
}

/** An estimate with its interval, drawn as a dot on a bar; the numbers are its text for those who do not see it. */
export function IntervalBar({
  estimate,
  low,
  high,
  level = 0.95,
  range,
  width = 120,
  color,
  showsEnds = false,
}: IntervalProps) {
  if (estimate === null || estimate === undefined) return <>{MISSING}</>;
  const [from, to] = range;
  const place = (value: number) => 4 + ((value - from) / (to - from || 1)) * (width - 8);
  const hasInterval = low !== null && low !== undefined && high !== null && high !== undefined;
  const text = `${formatNumber(estimate)}${hasInterval ? ` (${Math.round(level * 100)} % CI ${formatInterval(low, high)})` : ", no interval"}`;
  const bar = (
    <Tooltip label={text}>
      <svg width={width} height={14} role="img" aria-label={text} style={{ display: "block" }}>
        <line x1={0} x2={width} y1={7} y2={7} stroke="var(--ml-line)" />
        {hasInterval && (
          <line
            x1={place(low)}
            x2={place(high)}
            y1={7}
            y2={7}
            stroke={color ?? "var(--ml-accent)"}
            strokeWidth={3}
            opacity={0.55}
          />
        )}
        <circle cx={place(estimate)} cy={7} r={3.5} fill={color ?? "var(--ml-accent)"} />
      </svg>
    </Tooltip>
  );
  if (!showsEnds) return bar;
  return (
    <div className={classes.ends}>
      <span aria-hidden="true">{formatNumber(from, 3)}</span>
      {bar}
      <span aria-hidden="true">{formatNumber(to, 3)}</span>
    </div>
  );
}
