/** Numbers of groups, made ready to be drawn. */

import type { RunGroups } from "../queries";

export type GroupMetric = RunGroups["groups"][number]["metrics"][number];

/** Fields that tell groups apart: those with most values first, those that some groups only lack last. */
export function keyColumns(groups: Pick<RunGroups, "groups">): string[] {
  const values = new Map<string, Set<unknown>>();
  for (const { key } of groups.groups) {
    for (const [field, value] of Object.entries(key)) {
      const known = values.get(field) ?? new Set();
      values.set(field, value === null ? known : known.add(value));
    }
  }
  return [...values].sort(([, one], [, other]) => other.size - one.size).map(([field]) => field);
}

/** The metrics of an answer, in the order that was asked for. */
export function metricColumns(groups: Pick<RunGroups, "groups">): string[] {
  return [...new Set(groups.groups.flatMap((group) => group.metrics.map(({ metric }) => metric)))];
}

/** The axis that all groups share for a metric: from the lowest end of an interval to the highest. */
export function axisOf(groups: Pick<RunGroups, "groups">, name: string): readonly [number, number] {
  const ends = groups.groups.flatMap(({ metrics }) => {
    const mean = metrics.find(({ metric }) => metric === name)?.mean;
    return [mean?.estimate, mean?.low, mean?.high].filter((end) => end !== null && end !== undefined);
  });
  if (ends.length === 0) return [0, 1];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return low === high ? [low - 1, high + 1] : [low, high];
}
