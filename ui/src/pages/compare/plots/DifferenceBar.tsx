import { formatDifference, formatInterval } from "~/format/number";
import type { Tone } from "../comparison";

interface DifferenceBarProps {
  difference: number | null;
  low: number | null | undefined;
  high: number | null | undefined;
  /** The axis that several of them share; 0 lies in it. */
  range: readonly [number, number];
  tone: Tone;
  width?: number;
  /** The zone of differences that do not matter. */
  margin?: number | null;
}

/** A difference with its interval around 0. SVG alone, so that a report can hold it as well. */
export function DifferenceBar({
  difference,
  low,
  high,
  range,
  tone,
  width = 150,
  margin,
}: DifferenceBarProps) {
  if (difference === null || !Number.isFinite(difference)) return null;
  const [from, to] = range;
  const place = (value: number) => {
    const share = (value - from) / (to - from || 1);
    return 4 + Math.min(1, Math.max(0, share)) * (width - 8);
  };
  const hasInterval = typeof low === "number" && typeof high === "number";
  const text = `Difference ${formatDifference(difference)}${hasInterval ? `, interval ${formatInterval(low, high)}` : ", no interval"}`;
  return (
    <svg width={width} height={18} role="img" aria-label={text} style={{ display: "block" }}>
      {margin && (
        <rect
          x={place(-margin)}
          width={place(margin) - place(-margin)}
          y={0}
          height={18}
          fill="var(--ml-sunken)"
        />
      )}
      <line x1={0} x2={width} y1={9} y2={9} stroke="var(--ml-line)" />
      <line x1={place(0)} x2={place(0)} y1={1} y2={17} stroke="var(--ml-axis)" strokeDasharray="2 2" />
      {hasInterval && (
        <line
          x1={place(low)}
          x2={place(high)}
          y1={9}
          y2={9}
          stroke={`var(--ml-${tone})`}
          strokeWidth={4}
          opacity={0.5}
        />
      )}
      <circle cx={place(difference)} cy={9} r={4} fill={`var(--ml-${tone})`} />
    </svg>
  );
}
