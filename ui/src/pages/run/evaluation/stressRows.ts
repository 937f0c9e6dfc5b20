/** Stress tests as they are shown: what hurts most first. */

import { formatNumber } from "~/format/number";
import type { StressFamily, StressReport } from "./report";

/** Families with the largest mean drop first; those that could not be run last. */
export function sortFamilies(families: readonly StressFamily[]): StressFamily[] {
  const rank = (family: StressFamily) => family.mean_relative_drop ?? Number.NEGATIVE_INFINITY;
  return [...families].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}

/** The largest relative drop, which the bars of all families are drawn against; never 0. */
export function largestDrop(report: StressReport): number {
  const drops = report.families.flatMap(({ severities }) =>
    severities.map(({ relative_drop: drop }) => drop ?? 0),
  );
  return Math.max(...drops, 1e-9);
}

/** `missing_cells` as `Missing cells`. */
export function nameFamily(family: string): string {
  const words = family.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SHARES = new Set(["missing_cells", "outliers", "unseen_category", "fewer_rows"]);

/** An amount with its unit: `5 %`, `0.1 sd`, `× 1.5`. */
export function showAmount(family: string, amount: number | null): string {
  if (amount === null) return "";
  if (SHARES.has(family)) return `${formatNumber(100 * amount, 3)} %`;
  if (family === "scale") return `× ${formatNumber(amount, 3)}`;
  return `${formatNumber(amount, 3)} sd`;
}
