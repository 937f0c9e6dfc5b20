/** Parts of the test rows, pair by pair and run by run. Pure. */

import type { Schemas } from "~/api/client";

export type SliceVerdict = Schemas["SliceVerdictBody"];

/** The pairs that have slices, in the order of the answer, as `a b`. */
export function listSlicePairs(slices: readonly SliceVerdict[]): { key: string; a: string; b: string }[] {
  const found = new Map<string, { key: string; a: string; b: string }>();
  for (const { a, b } of slices) {
    const key = `${a} ${b}`;
    if (!found.has(key)) found.set(key, { key, a, b });
  }
  return [...found.values()];
}

/** The slices of a pair, those first in which B falls furthest behind A; those without a difference last. */
export function sortWorstFirst(slices: readonly SliceVerdict[], higherIsBetter: boolean): SliceVerdict[] {
  const sign = higherIsBetter ? 1 : -1;
  const place = ({ difference }: SliceVerdict) =>
    difference === null ? Number.POSITIVE_INFINITY : sign * difference;
  return [...slices].sort((one, other) => {
    const [here, there] = [place(one), place(other)];
    return here === there ? other.n - one.n : here - there;
  });
}

export interface SliceOfRuns {
  attribute: string;
  value: string;
  n: number;
  values: ReadonlyMap<string, number>;
}

/** Each slice with the value of every run on it, those first where the worst run is worst. */
export function listByRun(slices: readonly SliceVerdict[], higherIsBetter: boolean): SliceOfRuns[] {
  const found = new Map<
    string,
    { attribute: string; value: string; n: number; values: Map<string, number> }
  >();
  for (const { attribute, value, n, a, b, a_value, b_value } of slices) {
    const key = JSON.stringify([attribute, value]);
    const row = found.get(key) ?? { attribute, value, n: 0, values: new Map<string, number>() };
    row.n = Math.max(row.n, n);
    if (a_value !== null) row.values.set(a, a_value);
    if (b_value !== null) row.values.set(b, b_value);
    found.set(key, row);
  }
  const sign = higherIsBetter ? 1 : -1;
  const worst = (row: SliceOfRuns) =>
    Math.min(Number.POSITIVE_INFINITY, ...[...row.values.values()].map((value) => sign * value));
  return [...found.values()].sort((one, other) => worst(one) - worst(other) || other.n - one.n);
}
