import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

/** Runs that a chart of params and results shows. */
export const MAX_ROWS = 1000;

/** Which runs: those that are chosen, or all that a query finds in a project. */
export interface Scope {
  runIds: readonly string[] | null;
  query: string;
  project: string | null;
}

function select({ runIds, query, project }: Scope) {
  if (runIds !== null) return {};
  return { ...(query !== "" && { query }), ...(project !== null && { project_id: project }) };
}

/** Metrics, params and fields that runs have. */
export function useFields(project: string | null) {
  return useQuery({
    queryKey: ["fields", project],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/fields", {
          params: { query: { limit: 1000, ...(project !== null && { project_id: project }) } },
          signal,
        }),
      ),
  });
}

/** The runs' values of these fields, the newest first. */
export function useValues(scope: Scope, fields: readonly string[]) {
  return useQuery({
    queryKey: ["runs", "values", scope, fields],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/table", {
          params: {
            query: {
              columns: [...fields],
              limit: MAX_ROWS,
              ...select(scope),
              ...(scope.runIds !== null && { run_ids: [...scope.runIds] }),
            },
          },
          signal,
        }),
      ),
    enabled: fields.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** How strongly each param goes with a metric. */
export function useImportance(scope: Scope, metric: string | null) {
  const chosen = scope.runIds?.map((id) => JSON.stringify(id)).join(", ");
  return useQuery({
    queryKey: ["runs", "importance", scope, metric],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/importance", {
          params: {
            query: {
              metric: metric ?? "",
              ...select(scope),
              ...(chosen !== undefined && { query: `run_id in (${chosen})` }),
            },
          },
          signal,
        }),
      ),
    enabled: metric !== null,
    placeholderData: keepPreviousData,
  });
}
