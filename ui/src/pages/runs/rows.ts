/** The rows of the table as far as they have been read: a long list with gaps, changed in place of being read anew. */

import type { Schemas } from "~/api/client";

export type Run = Schemas["TableRowBody"];
export type Cell = Run["values"][number];

/** A run as it is shown, and what of it changed when it was last read again. */
export interface Row {
  run: Run;
  /** How often it was read again, and when last, so that a change is marked once and for a moment. */
  reading: number;
  readAt: number;
  changed: ReadonlySet<string>;
}

export interface Rows {
  total: number;
  /** The fields that `values` of each run holds, in this order. */
  fields: readonly string[];
  /** One place for each run that matches; those not yet read are undefined. */
  list: readonly (Row | undefined)[];
}

/** How many rows are read at a time. */
export const WINDOW = 200;

const NOTHING: ReadonlySet<string> = new Set();

/** Fields that each run of a table has anyway. */
const FIXED = [
  "run_id",
  "name",
  "status",
  "started_at",
  "duration_s",
  "dataset_id",
  "parent_id",
  "project_id",
  "seed",
  "note",
  "error",
  "n_artifacts",
] as const satisfies readonly (keyof Run)[];
type FixedField = (typeof FIXED)[number];

export function isFixed(field: string): field is FixedField {
  return (FIXED as readonly string[]).includes(field);
}

/** What a run has of a field; undefined while that column is still being read. */
export function cellOf(run: Run, field: string, fields: readonly string[]): Cell | undefined {
  if (isFixed(field)) return run[field];
  const at = fields.indexOf(field);
  return at < 0 ? undefined : (run.values[at] ?? null);
}

function newRow(run: Run): Row {
  return { run, reading: 0, readAt: 0, changed: NOTHING };
}

export function noRows(total: number, fields: readonly string[]): Rows {
  return { total, fields, list: new Array<undefined>(total).fill(undefined) };
}

/** The rows with a stretch that was read put at its place. A total that has moved lengthens or cuts the list. */
export function placeRows(rows: Rows, offset: number, runs: readonly Run[], total: number): Rows {
  const list = rows.list.slice(0, total);
  while (list.length < total) list.push(undefined);
  runs.forEach((run, at) => {
    if (offset + at < total) list[offset + at] = newRow(run);
  });
  return { ...rows, total, list };
}

/** Where stretches begin that must be read so that the rows from `from` to before `to` are there. */
export function missingOffsets(rows: Rows, from: number, to: number): number[] {
  const offsets: number[] = [];
  const end = Math.min(to, rows.total);
  for (let window = Math.floor(Math.max(from, 0) / WINDOW); window * WINDOW < end; window++) {
    const stretch = rows.list.slice(window * WINDOW, Math.min((window + 1) * WINDOW, rows.total));
    if (stretch.includes(undefined)) offsets.push(window * WINDOW);
  }
  return offsets;
}

/** What changed is marked in at most so many runs at a time: a table that flickers all over tells nothing. */
export const MAX_MARKED = 10;

/** The rows with runs as they are now, each in the place that it has. */
export function replaceRuns(rows: Rows, runs: readonly Run[], readAt = Date.now()): Rows {
  const fresh = new Map(runs.map((run) => [run.run_id, run]));
  const isMarked = fresh.size <= MAX_MARKED;
  const list = rows.list.map((row) => {
    const run = row && fresh.get(row.run.run_id);
    if (!row || !run) return row;
    const changed = isMarked ? changedFields(row.run, run, rows.fields) : NOTHING;
    return { run, reading: row.reading + 1, readAt, changed };
  });
  return { ...rows, list };
}

function changedFields(before: Run, after: Run, fields: readonly string[]): ReadonlySet<string> {
  const changed = [...FIXED, ...fields].filter(
    (field) => cellOf(before, field, fields) !== cellOf(after, field, fields),
  );
  return changed.length === 0 ? NOTHING : new Set(changed);
}

/** The rows without some runs: those below move up. */
export function removeRuns(rows: Rows, runIds: ReadonlySet<string>): Rows {
  const list = rows.list.filter((row) => !row || !runIds.has(row.run.run_id));
  return { ...rows, list, total: rows.total - (rows.list.length - list.length) };
}

/** The rows with new runs among those read so far, newest first; a run that is there already stays as it is. */
export function insertNewest(rows: Rows, runs: readonly Run[]): Rows {
  const known = new Set(rows.list.flatMap((row) => (row ? [row.run.run_id] : [])));
  const list = [...rows.list];
  for (const run of runs) {
    if (known.has(run.run_id)) continue;
    const at = list.findIndex((row) => row === undefined || row.run.started_at <= run.started_at);
    list.splice(at < 0 ? list.length : at, 0, newRow(run));
  }
  return { ...rows, list, total: list.length };
}

/** Whether all rows have been read. */
export function isWhole(rows: Rows): boolean {
  return !rows.list.includes(undefined);
}

/** Of runs, those that are in no row. */
export function runsNotIn(rows: Rows, runs: Iterable<Run>): Run[] {
  const known = new Set(rows.list.map((row) => row?.run.run_id));
  return [...runs].filter((run) => !known.has(run.run_id));
}

/** Whether a run that is in no row is a new one, and not only one that has not been read yet. */
export function isNewToNewest(rows: Rows, run: Run): boolean {
  const gap = rows.list.indexOf(undefined);
  const lastRead = gap < 0 ? undefined : rows.list[gap - 1];
  return gap < 0 || (lastRead !== undefined && run.started_at > lastRead.run.started_at);
}

/** Ids of the rows from one index to another, both included, in either direction; `null` if one is not read yet. */
export function idsBetween(rows: Rows, one: number, other: number): string[] | null {
  const stretch = rows.list.slice(Math.min(one, other), Math.max(one, other) + 1);
  return stretch.includes(undefined) ? null : stretch.flatMap((row) => (row ? [row.run.run_id] : []));
}
