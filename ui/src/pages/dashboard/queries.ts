import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";
import { useLive } from "~/api/useLive";
import { useRefresh } from "~/api/useRefresh";
import { TOTAL_PARAMS } from "~/format/progress";
import {
  appendPoints,
  isLong,
  N_POINTS,
  type Overview,
  readCurves,
  type ShortCurves,
  withPoints,
} from "./running";

const N_DAYS = 90;
const wholeKey = (project: string | null) => ["overview", project, "whole"] as const;

/** The overview, which moves while one looks: values by live points, counts by asking again, not too often. */
export function useOverview(project: string | null) {
  const queries = useQueryClient();
  const key = wholeKey(project);
  useRefresh(key);
  useLive((event) => {
    if (event.kind !== "points") return;
    queries.setQueryData<Overview>(key, (known) => known && withPoints(known, event.points));
  });
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/overview", {
          params: { query: { days: N_DAYS, ...(project !== null && { project_id: project }) } },
          signal,
        }),
      ),
    // Another page may have missed events while this one was not shown.
    refetchOnMount: "always",
  });
}

/** Short curves of some runs, which grow by live points. */
export function useShortCurves(runIds: readonly string[], metrics: readonly string[]) {
  const queries = useQueryClient();
  const key = ["overview", "curves", runIds, metrics] as const;
  useLive((event) => {
    if (event.kind !== "points") return;
    const known = queries.getQueryData<ShortCurves>(key);
    if (known === undefined) return;
    const next = appendPoints(known, event.points);
    if (next === known) return;
    queries.setQueryData<ShortCurves>(key, next);
    if (isLong(next)) void queries.invalidateQueries({ queryKey: key });
  });
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) =>
      readCurves(
        await unwrap(
          client.GET("/api/modellab/curves", {
            params: { query: { run_id: [...runIds], metric: [...metrics], max_points: N_POINTS } },
            signal,
          }),
        ),
      ),
    enabled: runIds.length > 0 && metrics.length > 0,
    placeholderData: keepPreviousData,
    // Maps are not merged structurally.
    structuralSharing: false,
  });
}

/** The params of runs that say where they end, by run. */
export function useTotals(runIds: readonly string[]) {
  return useQuery({
    queryKey: ["overview", "totals", runIds],
    queryFn: async ({ signal }) => {
      const { rows } = await unwrap(
        client.GET("/api/modellab/table", {
          params: {
            query: {
              run_ids: [...runIds],
              columns: TOTAL_PARAMS.map((name) => `params.${name}`),
              limit: 500,
            },
          },
          signal,
        }),
      );
      return new Map(
        rows.map(({ run_id, values }) => [
          run_id,
          Object.fromEntries(TOTAL_PARAMS.map((name, at) => [name, values[at]])),
        ]),
      );
    },
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
    structuralSharing: false,
  });
}
