import { makeTicks } from "~/charts/ticks";
import { formatInterval, formatNumber } from "~/format/number";

export const AXIS_WIDTH = 340;
const ROOM = 22;

type Range = readonly [number, number];

function placeOn([from, to]: Range, value: number): number {
  return ROOM + ((value - from) / (to - from || 1)) * (AXIS_WIDTH - 2 * ROOM);
}

/** The numbers of the axis that all rows share. */
export function AxisTicks({ range }: { range: Range }) {
  return (
    <svg width={AXIS_WIDTH} height={16} aria-hidden="true" style={{ display: "block", fontSize: 11 }}>
      {ticksOf(range).map((tick) => (
        <text key={tick} x={placeOn(range, tick)} y={12} textAnchor="middle" fill="var(--ml-axis)">
          {formatNumber(tick, 3)}
        </text>
      ))}
    </svg>
  );
}

function ticksOf([from, to]: Range): number[] {
  return makeTicks(from, to, 5, false).filter((tick) => tick >= from && tick <= to);
}

interface RowMarkProps {
  range: Range;
  value: number;
  low: number | null | undefined;
  high: number | null | undefined;
  color: string;
  /** The interval of the first run, shaded behind so that the eye can compare. */
  first: { low: number | null; high: number | null } | null;
}

/** A run's value with its interval on the shared axis. */
export function RowMark({ range, value, low, high, color, first }: RowMarkProps) {
  const hasInterval = typeof low === "number" && typeof high === "number";
  const text = `${formatNumber(value)}${hasInterval ? `, interval ${formatInterval(low, high)}` : ", no interval"}`;
  const place = (at: number) => placeOn(range, at);
  return (
    <svg width={AXIS_WIDTH} height={26} role="img" aria-label={text} style={{ display: "block" }}>
      <title>{text}</title>
      {first !== null && first.low !== null && first.high !== null && (
        <rect
          x={place(first.low)}
          width={Math.max(place(first.high) - place(first.low), 0)}
          y={0}
          height={26}
          fill="var(--ml-grid)"
          opacity={0.6}
        />
      )}
      {ticksOf(range).map((tick) => (
        <line key={tick} x1={place(tick)} x2={place(tick)} y1={0} y2={26} stroke="var(--ml-line)" />
      ))}
      {hasInterval && (
        <line x1={place(low)} x2={place(high)} y1={13} y2={13} stroke={color} strokeWidth={4} opacity={0.5} />
      )}
      <circle cx={place(value)} cy={13} r={4.5} fill={color} />
    </svg>
  );
}
