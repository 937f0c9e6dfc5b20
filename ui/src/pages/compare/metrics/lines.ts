/** The table of every metric by run: lines from verdicts, evaluations and final values. Pure. */

import type { ApiNumber } from "~/api/client";
import { toNumber } from "~/format/number";
import { type Comparison, findBest, type PairVerdict, turnVerdict } from "../comparison";
import type { Evaluation, ListedRun } from "../queries";

export interface Cell {
  value: ApiNumber | null;
  low: number | null;
  high: number | null;
  level: number;
  note: string | null;
}

export interface Line {
  metric: string;
  /** Of an evaluation, whose values have intervals; or a final value, which has none. */
  kind: "evaluated" | "final";
  higherIsBetter: boolean | null;
  isPrimary: boolean;
  cells: ReadonlyMap<string, Cell>;
  /** The run that is shown to be better than every other. */
  best: string | null;
  /** All runs have it, and the same value. */
  isEqual: boolean;
}

interface Sources {
  comparison: Comparison;
  evaluations: readonly (readonly Evaluation[])[];
  runs: readonly ListedRun[];
}

/** Every metric of the runs: the primary one first, then those that were tested, evaluated, and final ones. */
export function listLines({ comparison, evaluations, runs }: Sources): Line[] {
  const { split } = comparison;
  const ids = comparison.runs.map((run) => run.run_id);
  const pairs = [...comparison.verdicts, ...comparison.secondary];
  const found = new Map<string, Line>();
  const add = (metric: string, kind: Line["kind"], cells: ReadonlyMap<string, Cell>) => {
    const row = comparison.metrics.find((one) => one.metric === metric);
    found.set(metric, {
      metric,
      kind,
      cells,
      higherIsBetter: row?.higher_is_better ?? null,
      isPrimary: row?.is_primary ?? false,
      best: findBest(
        ids.filter((id) => cells.has(id)),
        pairs.filter((pair) => pair.metric === metric),
      ),
      isEqual: areEqual(ids, cells),
    });
  };
  const evaluated = collectEvaluated(evaluations, split);
  const byRank = [...comparison.metrics].sort(
    (one, other) => Number(other.is_primary) - Number(one.is_primary),
  );
  for (const row of byRank)
    add(
      row.metric,
      evaluated.has(row.metric) ? "evaluated" : "final",
      new Map(
        Object.entries(row.values).map(([id, { estimate, ...rest }]) => [id, { value: estimate, ...rest }]),
      ),
    );
  for (const [metric, cells] of [...evaluated].sort(byName))
    if (!found.has(metric)) add(metric, "evaluated", cells);
  for (const [metric, cells] of [...collectFinal(runs, split, evaluated)].sort(byName))
    if (!found.has(metric)) add(metric, "final", cells);
  return [...found.values()];
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

type Cells = Map<string, Map<string, Cell>>;

function put(cells: Cells, metric: string, runId: string, cell: Cell): void {
  const line = cells.get(metric) ?? new Map<string, Cell>();
  cells.set(metric, line.set(runId, cell));
}

function collectEvaluated(evaluations: Sources["evaluations"], split: string): Cells {
  const cells: Cells = new Map();
  for (const evaluation of evaluations.flat()) {
    if (evaluation.name !== split) continue;
    const intervals = new Map(Object.entries(evaluation.intervals));
    for (const [metric, value] of Object.entries(evaluation.metrics)) {
      const interval = intervals.get(metric);
      put(cells, metric, evaluation.run_id, {
        value,
        low: interval?.low ?? null,
        high: interval?.high ?? null,
        level: interval?.level ?? 0.95,
        note: interval?.note ?? null,
      });
    }
  }
  return cells;
}

/** Final values, without the copies that an evaluation leaves under the name of its split. */
function collectFinal(runs: readonly ListedRun[], split: string, evaluated: Cells): Cells {
  const cells: Cells = new Map();
  for (const run of runs)
    for (const [metric, value] of Object.entries(run.final_metrics))
      if (!(metric.startsWith(`${split}/`) && evaluated.has(metric.slice(split.length + 1))))
        put(cells, metric, run.run_id, { value, low: null, high: null, level: 0.95, note: null });
  return cells;
}

function areEqual(ids: readonly string[], cells: ReadonlyMap<string, Cell>): boolean {
  const values = ids.map((id) => cells.get(id)?.value);
  return values.every((value) => value !== undefined && Object.is(value, values[0]));
}

export interface CellDifference {
  difference: number;
  low: number | null;
  high: number | null;
  /** The verdict on the pair, where it was tested. */
  verdict: PairVerdict | null;
}

/** What the value of a run is against that of `base`: as it was tested, else the bare difference. */
export function findDifference(
  line: Line,
  runId: string,
  base: string,
  pairs: readonly PairVerdict[],
): CellDifference | null {
  const pair = pairs.find(
    ({ metric, a, b }) =>
      metric === line.metric && ((a === base && b === runId) || (a === runId && b === base)),
  );
  if (pair !== undefined) {
    const verdict = turnVerdict(pair, base);
    if (verdict.difference !== null) {
      const { low = null, high = null } = verdict.interval ?? {};
      return { difference: verdict.difference, low, high, verdict };
    }
  }
  const [from, to] = [base, runId].map((id) => toNumberOrNull(line.cells.get(id)?.value));
  return typeof from === "number" && typeof to === "number"
    ? { difference: to - from, low: null, high: null, verdict: null }
    : null;
}

/** How far the runs lie apart, against the size of their values: what lines are sorted by. */
export function spreadOf(line: Line): number {
  const values = [...line.cells.values()]
    .map((cell) => toNumberOrNull(cell.value))
    .filter((one) => one !== null);
  const size = Math.max(...values.map(Math.abs), 0);
  return values.length < 2 || size === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / size;
}

/** Runs in the order of a metric, best first where it is known which way is better; those without it last. */
export function orderRuns(runIds: readonly string[], line: Line | undefined): string[] {
  if (line === undefined) return [...runIds];
  const sign = line.higherIsBetter === false ? 1 : -1;
  const place = (id: string) => {
    const value = toNumberOrNull(line.cells.get(id)?.value);
    return value === null ? Number.POSITIVE_INFINITY : sign * value;
  };
  return [...runIds].sort((one, other) => {
    const [here, there] = [place(one), place(other)];
    return here === there ? 0 : here - there;
  });
}

/** A value as a finite number, `null` for what is missing, NaN or infinite. */
export function toNumberOrNull(value: ApiNumber | null | undefined): number | null {
  const number = value === null || value === undefined ? Number.NaN : toNumber(value);
  return Number.isFinite(number) ? number : null;
}
