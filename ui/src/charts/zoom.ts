/** Parts of an axis: made narrower, moved, kept within what there is. Pure. */

import type { ChartRange } from "./types";

/** `range` made `factor` times as wide around `center`; `null` when that is all there is. */
export function zoomRange(
  range: ChartRange,
  span: ChartRange,
  factor: number,
  center: number,
  isLog: boolean,
): ChartRange | null {
  const [from, to] = range.map((end) => put(end, isLog)) as [number, number];
  const middle = put(center, isLog);
  return keepWithin(
    [take(middle - (middle - from) * factor, isLog), take(middle + (to - middle) * factor, isLog)],
    span,
  );
}

/** `range` moved by a share of its width, not beyond what there is. */
export function panRange(range: ChartRange, span: ChartRange, share: number, isLog: boolean): ChartRange {
  const [from, to] = range.map((end) => put(end, isLog)) as [number, number];
  const [first, last] = span.map((end) => put(end, isLog)) as [number, number];
  const wanted = (to - from) * share;
  const by = Math.min(Math.max(wanted, Math.min(first - from, 0)), Math.max(last - to, 0));
  return [take(from + by, isLog), take(to + by, isLog)];
}

function keepWithin([from, to]: ChartRange, [first, last]: ChartRange): ChartRange | null {
  const [low, high] = [Math.max(from, first), Math.min(to, last)];
  if (low <= first && high >= last) return null;
  return low < high ? [low, high] : null;
}

function put(value: number, isLog: boolean): number {
  return isLog ? Math.log10(value) : value;
}

function take(value: number, isLog: boolean): number {
  return isLog ? 10 ** value : value;
}
