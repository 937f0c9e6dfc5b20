import { useQueries, useQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";
import { writeField } from "~/format/query";
import type { ListedRun } from "../queries";

type MeanCurve = Schemas["MeanCurveBody"];

function combineCurves(
  answers: readonly { data: MeanCurve | undefined; error: Error | null; isFetching: boolean }[],
) {
  return {
    curves: answers.map((answer) => answer.data),
    error: answers.find((answer) => answer.error !== null)?.error ?? null,
    isFetching: answers.some((answer) => answer.isFetching),
  };
}

/** Metrics of which it is asked at a time whether they are curves. */
export const MAX_ASKED = 200;

/** The metrics with more than one point in a run or more, those of most runs first. */
export function useCurveMetrics(runIds: readonly string[], names: readonly string[]) {
  const asked = names.slice(0, MAX_ASKED);
  return useQuery({
    queryKey: ["runs", "curves", runIds, asked],
    queryFn: async ({ signal }) => {
      const columns = asked.map((name) => writeField({ kind: "metrics", name, summary: "count" }));
      const table = await unwrap(
        client.GET("/api/modellab/table", {
          params: { query: { run_ids: [...runIds], columns, limit: 1000 } },
          signal,
        }),
      );
      return asked.filter((_, at) => table.rows.some((row) => Number(row.values[at] ?? 0) > 1));
    },
    enabled: asked.length > 0,
  });
}

/** Names of final metrics: those that most runs have first, then by name. */
export function listNames(runs: readonly ListedRun[]): string[] {
  const counts = new Map<string, number>();
  for (const name of runs.flatMap((run) => Object.keys(run.final_metrics)))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1)).map(([name]) => name);
}

/** The mean curve of each group, with its interval; exact, but for steps that are left out to fit the screen. */
export function useMeanCurves(
  groups: readonly { group_id: string; run_ids: readonly string[] }[],
  metric: string,
  range: readonly [number, number] | null,
) {
  return useQueries({
    queries: groups.map(({ group_id: id, run_ids: runIds }) => ({
      queryKey: ["runs", "mean curve", id, runIds, metric, range],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        unwrap(
          client.GET("/api/modellab/curves/group", {
            params: {
              query: {
                run_id: runIds.slice(0, 50),
                metric,
                max_points: 800,
                ...(range && { from_step: Math.floor(range[0]), to_step: Math.ceil(range[1]) }),
              },
            },
            signal,
          }),
        ),
      placeholderData: (before: MeanCurve | undefined) => before,
    })),
    combine: combineCurves,
  });
}
