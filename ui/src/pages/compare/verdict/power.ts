/** What it would take to tell: from the gap that such data find, to how much data a gap takes. Pure. */

import { formatCount, formatNumber } from "~/format/number";
import type { PairVerdict } from "../comparison";

/**
 * How many rows (or runs) of the same kind would find `gap` with a chance of 80 %; `null` where that cannot be
 * said. The gap that is found shrinks with the square root of how many there are.
 */
export function countNeeded(
  verdict: Pick<PairVerdict, "n" | "minimum_detectable">,
  gap: number | null,
): number | null {
  const { n, minimum_detectable: found } = verdict;
  if (found === null || gap === null || !(found > 0) || !(Math.abs(gap) > 0) || n <= 0) return null;
  const needed = Math.ceil(n * (found / Math.abs(gap)) ** 2);
  return Number.isFinite(needed) && needed <= 1e9 ? needed : null;
}

/** What would be needed to tell this pair apart, in sentences; none where it was told apart. */
export function sayNeeded(verdict: PairVerdict, minEffect: number | null): string[] {
  if (["better", "worse", "identical", "equivalent"].includes(verdict.verdict)) return [];
  const said = verdict.needed === null ? [] : [verdict.needed];
  if (verdict.minimum_detectable === null) return said;
  said.push(
    `With ${verdict.n_text}, a gap of ${formatNumber(verdict.minimum_detectable, 2)} is found with a chance of 80 %.`,
  );
  const gaps: [string, number | null][] = [
    ["the gap that was seen", verdict.difference],
    ["the smallest that matters", minEffect],
  ];
  for (const [name, gap] of gaps) {
    const needed = countNeeded(verdict, gap);
    if (needed !== null && gap !== null && needed > verdict.n)
      said.push(
        `For ${name}, ${formatNumber(Math.abs(gap), 2)}, it takes about ${formatCount(roundUp(needed))} ${unitOf(verdict)}.`,
      );
  }
  return said;
}

/** What `n` counts, from the API's words: "paired rows" of "400 paired rows". */
function unitOf({ n_text: text }: PairVerdict): string {
  return /^[\d\s]+(\D+)$/.exec(text)?.[1] ?? "such";
}

/** Two digits are more than such an estimate is good for. */
function roundUp(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.ceil(count / unit) * unit;
}
