/** Where a sparkline goes; pure. */

import type { ApiNumber } from "~/api/client";
import { toNumber } from "~/format/number";

export interface SparkShape {
  /** The `d` of an SVG path; values that are not finite leave gaps. */
  path: string;
  /** Values with gaps on both sides, which a line does not show. */
  lonely: readonly (readonly [x: number, y: number])[];
  lowest: readonly [x: number, y: number] | null;
  highest: readonly [x: number, y: number] | null;
}

/** A line through values at equal distances; a constant one runs through the middle. */
export function shapeSparkline(
  values: readonly (ApiNumber | null)[],
  width: number,
  height: number,
): SparkShape {
  const numbers = values.map((value) => (value === null ? Number.NaN : toNumber(value)));
  const finite = numbers.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const pad = 2;
  // Halves, so that the distance of the greatest numbers there are stays finite.
  const span = high / 2 - low / 2;
  const place = (at: number): readonly [number, number] => {
    const share = span > 0 ? ((numbers[at] as number) / 2 - low / 2) / span : 0.5;
    const step = numbers.length > 1 ? at / (numbers.length - 1) : 0.5;
    return [round(pad + step * (width - 2 * pad)), round(height - pad - share * (height - 2 * pad))];
  };
  const isAt = (at: number) => Number.isFinite(numbers[at] ?? Number.NaN);
  const lonely: (readonly [number, number])[] = [];
  let path = "";
  for (let at = 0; at < numbers.length; at++) {
    if (!isAt(at)) continue;
    const [x, y] = place(at);
    if (isAt(at - 1)) path += `L${x} ${y}`;
    else if (isAt(at + 1)) path += `M${x} ${y}`;
    else lonely.push([x, y]);
  }
  const isFlat = finite.length === 0 || low === high;
  return {
    path,
    lonely,
    lowest: isFlat ? null : place(numbers.indexOf(low)),
    highest: isFlat ? null : place(numbers.indexOf(high)),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
