import { memo } from "react";
import type { ApiNumber } from "~/api/client";
import { countOf, formatNumber, toNumber } from "~/format/number";
import { shapeSparkline } from "./sparkline";

interface SparklineProps {
  /** In order of step; NaN, infinities and `null` leave gaps. About 60 are enough. */
  values: readonly (ApiNumber | null)[];
  /** What is drawn: the metric's name. */
  label: string;
  color?: string;
  width?: number;
  height?: number;
}

/** A curve the size of a word, with dots at its lowest and highest value. */
export const Sparkline = memo(function Sparkline({
  values,
  label,
  color = "var(--ml-accent)",
  width = 96,
  height = 22,
}: SparklineProps) {
  const { path, lonely, lowest, highest } = shapeSparkline(values, width, height);
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={describe(label, values)}
      style={{ display: "block" }}
    >
      <path d={path} fill="none" stroke={color} strokeWidth={1.25} strokeLinejoin="round" />
      {lonely.map(([x, y]) => (
        <circle key={x} cx={x} cy={y} r={1.5} fill={color} />
      ))}
      {lowest && <circle cx={lowest[0]} cy={lowest[1]} r={1.75} fill="var(--ml-surface)" stroke={color} />}
      {highest && <circle cx={highest[0]} cy={highest[1]} r={1.75} fill={color} />}
    </svg>
  );
});

function describe(label: string, values: SparklineProps["values"]): string {
  const finite = values.flatMap((value) => (value === null ? [] : [toNumber(value)])).filter(Number.isFinite);
  if (finite.length === 0) return `${label}: no values`;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return `${label}: ${countOf(finite.length, "value")}, lowest ${formatNumber(low)}, highest ${formatNumber(high)}, last ${formatNumber(finite.at(-1))}`;
}
