/** Which metrics can be ranked by, and what the ties of a leaderboard are. Pure. */

import type { Schemas } from "~/api/client";

export type Entry = Schemas["LeaderboardEntryBody"];

export interface MetricChoices {
  /** Of evaluations on the split, by their bare names: these have intervals and tests. */
  evaluated: string[];
  /** Final values of any other name. */
  final: string[];
}

/** Metrics by whether evaluations on the split have them; those of most runs first, as given. */
export function sortMetrics(names: readonly string[], split: string): MetricChoices {
  const before = `${split}/`;
  const evaluated = names.filter((name) => name.startsWith(before)).map((name) => name.slice(before.length));
  const known = new Set(evaluated);
  const final = names.filter(
    (name) => !name.startsWith(before) && !name.startsWith("system/") && !known.has(name),
  );
  return { evaluated, final };
}

/** Splits that metrics may be of: what stands before the first `/` of their names. */
export function listSplits(names: readonly string[]): string[] {
  const found = names.filter((name) => name.includes("/")).map((name) => name.slice(0, name.indexOf("/")));
  return [...new Set(found)].filter((name) => name !== "system" && name !== "latency").sort();
}

/** The metric to begin with: one of an evaluation if there is any. */
export function chooseMetric({ evaluated, final }: MetricChoices): string | null {
  return evaluated[0] ?? final[0] ?? null;
}

export type Standing = "first" | "tied" | "apart" | "untested";

/** How a run stands to the first: a lower rank alone is no worse run. */
export function standingOf(entry: Pick<Entry, "rank" | "can_be_told_apart">): Standing {
  if (entry.rank === 1) return "first";
  return entry.can_be_told_apart === null ? "untested" : entry.can_be_told_apart ? "apart" : "tied";
}

/** The first and those that cannot be told apart from it. */
export function listTied(entries: readonly Entry[]): Entry[] {
  const tied = entries.filter((entry) => standingOf(entry) === "tied");
  return tied.length === 0 ? [] : entries.filter((entry) => ["first", "tied"].includes(standingOf(entry)));
}
