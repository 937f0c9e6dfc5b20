/** Numbers of groups, made ready to be drawn. */

import type { RunGroups } from "./queries";

export type GroupMetric = RunGroups["groups"][number]["metrics"][number];

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
