/** Slices in the order, and of the kinds, that are asked for. */

import type { Slice, SliceReport } from "./report";

export const SORTS = ["worst", "n", "value", "p", "name"] as const;
export type Sort = (typeof SORTS)[number];
export const KINDS = ["all", "notable", "feature", "missingness", "confidence", "target"] as const;
export type Kind = (typeof KINDS)[number];

/** From which adjusted p a slice stands out. */
export const NOTABLE_P = 0.05;

const OF_THE_ANSWER: ReadonlySet<Slice["kind"]> = new Set(["confidence", "target"]);

export interface SliceChoice {
  text: string;
  kind: Kind;
  sort: Sort;
}

/** Whether a slice differs from the rest of the data by more than chance, after the correction. */
export function isNotable(slice: Slice): boolean {
  return slice.adjusted_p !== null && slice.adjusted_p < NOTABLE_P;
}

/** How much worse than the rest a slice is: positive is worse, whatever the metric's good side. */
export function badness(slice: Slice, higherIsBetter: boolean | null): number | null {
  if (slice.difference === null) return null;
  // Confidence deciles are of accuracy, whatever the report's metric is.
  const isHigherBetter = slice.kind === "confidence" ? true : (higherIsBetter ?? true);
  return isHigherBetter ? -slice.difference : slice.difference;
}

/** Those that the choice asks for, in its order; slices without a number come last. */
export function chooseSlices(report: SliceReport, { text, kind, sort }: SliceChoice): Slice[] {
  const words = text.toLowerCase().trim();
  const kept = report.slices.filter(
    (slice) =>
      (kind === "all" || (kind === "notable" ? isNotable(slice) : slice.kind === kind)) &&
      (words === "" || `${slice.attribute} ${slice.value}`.toLowerCase().includes(words)),
  );
  if (sort === "name") return kept;
  const keyOf: Record<Exclude<Sort, "name">, (slice: Slice) => number | null> = {
    worst: (slice) => badness(slice, report.higher_is_better),
    n: (slice) => slice.n,
    value: (slice) => (slice.estimate === null ? null : -slice.estimate),
    p: (slice) => (slice.adjusted_p === null ? null : -slice.adjusted_p),
  };
  const key = keyOf[sort];
  // That a model is less often right where it is less sure is how it should be: no news, so it comes later.
  const isExpected = (slice: Slice) => sort === "worst" && OF_THE_ANSWER.has(slice.kind);
  const rank = (slice: Slice) => key(slice) ?? Number.NEGATIVE_INFINITY;
  return kept
    .map((slice) => ({ slice, rank: rank(slice), isExpected: isExpected(slice) }))
    .sort(byRank)
    .map(({ slice }) => slice);
}

interface Ranked {
  rank: number;
  isExpected: boolean;
}

function byRank(a: Ranked, b: Ranked): number {
  if (a.isExpected !== b.isExpected) return a.isExpected ? 1 : -1;
  return a.rank === b.rank ? 0 : b.rank - a.rank;
}

/** The axis that all intervals of one metric share; slices by confidence may have another metric. */
export function rangeOf(slices: readonly Slice[], whole: number | null): readonly [number, number] {
  let [low, high] = whole === null ? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : [whole, whole];
  for (const slice of slices)
    for (const end of [slice.estimate, slice.low, slice.high]) {
      if (end === null) continue;
      low = Math.min(low, end);
      high = Math.max(high, end);
    }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}
