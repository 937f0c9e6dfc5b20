/** In what runs differ, and what they have in common, as rows of a table. Pure. */

import type { WholeRun } from "../queries";

/** A param, a config entry, a fact or a package: its value by run; a run without it is not in `values`. */
export interface Row {
  name: string;
  values: ReadonlyMap<string, unknown>;
  differs: boolean;
}

/** Rows of the API's answer, which names only what differs. */
export function readRows(found: readonly { name: string; values: Record<string, unknown> }[]): Row[] {
  return found.map(({ name, values }) => ({ name, values: new Map(Object.entries(values)), differs: true }));
}

/** The rows that differ with, between them by name, all that is the same in every run. */
export function addEqual(
  differing: readonly Row[],
  runs: readonly WholeRun[],
  read: (run: WholeRun) => ReadonlyMap<string, unknown>,
): Row[] {
  const known = new Set(differing.map((row) => row.name));
  const equal = new Map<string, Map<string, unknown>>();
  for (const run of runs)
    for (const [name, value] of read(run))
      if (!known.has(name)) equal.set(name, (equal.get(name) ?? new Map()).set(run.run_id, value));
  const rows = [...equal].map(([name, values]): Row => ({ name, values, differs: false }));
  return [...differing, ...rows].sort((one, other) => (one.name < other.name ? -1 : 1));
}

export function readParams(run: WholeRun): Map<string, unknown> {
  return new Map(Object.entries(run.params));
}

/** A config with the names of nested values joined by dots, as the API does it. */
export function readConfig(run: WholeRun): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: object, before: string) => {
    for (const [name, item] of Object.entries(value))
      if (isNested(item)) walk(item, `${before}${name}.`);
      else found.set(before + name, item);
  };
  walk(run.config, "");
  return found;
}

function isNested(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

/** Packages with their versions; a line that pins none is left out. */
export function readPackages(run: WholeRun): Map<string, string> {
  const lines = (run.pip_freeze ?? "").split("\n").map((line) => line.split("=="));
  return new Map(
    lines.flatMap(([name = "", version = ""]): [string, string][] =>
      name.trim() === "" ? [] : [[name.trim(), version.trim()]],
    ),
  );
}

/** A value as one reads it: texts as they are, all else as JSON. */
export function formatValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Which of the values of a row are alike: 0 for the commonest, 1 for the next; so that the odd ones show. */
export function rankValues(row: Row): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of row.values.values()) {
    const text = formatValue(value);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const places = [...counts].sort(([, one], [, other]) => other - one).map(([text]) => text);
  return new Map([...row.values].map(([runId, value]) => [runId, places.indexOf(formatValue(value))]));
}
