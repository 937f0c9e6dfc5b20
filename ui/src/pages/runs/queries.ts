/** What the page asks the server, and under which keys the answers are kept. */

import {
  keepPreviousData,
  type QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";
import { quoteText, writeField } from "~/format/query";
import type { Fields } from "./columns";
import type { Run } from "./rows";
import { type GroupSummary, type SortKey, writeSort } from "./viewState";

/** Which runs are meant, in which order, and what of them is shown. */
export interface TableRequest {
  project: string | null;
  query: string;
  sort: readonly SortKey[];
  fields: readonly string[];
}

/** The most runs that a table's answer may have, and that may be asked for by id. */
const MAX_ROWS = 1000;
export const MAX_RUN_IDS = 500;
/** Runs that can be chosen at a time, so that their ids stay a small matter. */
export const MAX_CHOSEN = 10_000;

export function tableKey(asked: TableRequest) {
  return ["runs", "table", asked] as const;
}

function filterOf({ project, query }: Pick<TableRequest, "project" | "query">) {
  return { ...(project !== null && { project_id: project }), ...(query !== "" && { query }) };
}

interface Stretch {
  offset?: number;
  limit?: number;
  run_ids?: string[];
}

/** A stretch of the table, or some of its runs. */
export function readTable(
  asked: TableRequest,
  stretch: Stretch,
  signal?: AbortSignal,
): Promise<Schemas["TableBody"]> {
  const query = {
    ...filterOf(asked),
    columns: [...asked.fields],
    sort: asked.sort.map(writeSort),
    ...stretch,
  };
  return unwrap(client.GET("/api/modellab/table", { params: { query }, ...(signal && { signal }) }));
}

/** How many runs there are without a filter; not asked while there is none. */
export function useTotal({ project, query }: Pick<TableRequest, "project" | "query">): number | undefined {
  const asked = { project, query: "", sort: [], fields: [] };
  return useQuery({
    queryKey: ["runs", "total", project],
    queryFn: async ({ signal }) => (await readTable(asked, { limit: 1 }, signal)).total,
    enabled: query !== "",
  }).data;
}

/** Some runs as they are now, those that match and are still there. */
export async function readRuns(asked: TableRequest, runIds: readonly string[]): Promise<Run[]> {
  return (await readTable(asked, { run_ids: [...runIds], limit: MAX_RUN_IDS })).rows;
}

/** The ids of all runs that match, in the order of the table, at most `MAX_CHOSEN`. */
export async function readAllIds(asked: TableRequest): Promise<string[]> {
  const ids: string[] = [];
  for (let total = 1; ids.length < Math.min(total, MAX_CHOSEN); ) {
    const page = await readTable({ ...asked, fields: [] }, { offset: ids.length, limit: MAX_ROWS });
    total = page.total;
    ids.push(...page.rows.map((run) => run.run_id));
    if (page.rows.length === 0) break;
  }
  return ids.slice(0, MAX_CHOSEN);
}

/** Where a browser gets the table as a file: exactly these columns, runs and this order. */
export function exportAddress(asked: TableRequest, format: string, runIds: readonly string[]): string {
  const params = new URLSearchParams({ format, ...filterOf(asked) });
  for (const field of asked.fields) params.append("columns", field);
  for (const key of asked.sort) params.append("sort", writeSort(key));
  for (const id of runIds) params.append("run_ids", id);
  return `/api/modellab/table/export?${params}`;
}

/** Where the report on these runs is: of all that match, or of some. */
export function reportAddress(
  { project, query }: Pick<TableRequest, "project" | "query">,
  format: "html" | "md",
  runIds: readonly string[],
): string {
  const conditions = [
    query !== "" && `(${query})`,
    project !== null && `project_id = ${quoteText(project)}`,
    runIds.length > 0 && `run_id in (${runIds.map(quoteText).join(", ")})`,
  ].filter((condition) => condition !== false);
  const asked = conditions.length > 0 && { query: conditions.join(" and ") };
  return `/api/modellab/report?${new URLSearchParams({ format, ...asked })}`;
}

export type FieldGroup = "metrics" | "params" | "tags";

/** Fields to show, sort and filter by; of kinds with thousands of names those that `search` finds. */
export function useFields(project: string | null, search = "", kinds?: readonly FieldGroup[], isOn = true) {
  return useQuery({
    queryKey: ["runs", "fields", project, search, kinds ?? null],
    queryFn: ({ signal }): Promise<Fields> =>
      unwrap(
        client.GET("/api/modellab/fields", {
          params: {
            query: {
              ...(project !== null && { project_id: project }),
              ...(search !== "" && { search }),
              ...(kinds && { kind: [...kinds] }),
              limit: 200,
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    enabled: isOn,
    staleTime: 60_000,
  });
}

/** The commonest values of a field, for completion. */
export function useFieldValues(project: string | null, field: string | null, prefix: string) {
  return useQuery({
    queryKey: ["runs", "values", project, field, prefix],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/fields/values", {
          params: {
            query: {
              field: field ?? "",
              ...(project !== null && { project_id: project }),
              ...(prefix !== "" && { prefix }),
              limit: 12,
            },
          },
          signal,
        }),
      ),
    enabled: field !== null,
    retry: false,
    staleTime: 60_000,
  });
}

export type SavedView = Schemas["ViewBody"];

/** Saved views of this page: those of the project, or those of none. */
export function useViews(project: string | null, isOn = true) {
  return useQuery({
    queryKey: ["views", "runs", project],
    queryFn: async ({ signal }) => {
      const page = await unwrap(
        client.GET("/api/modellab/views", {
          params: { query: { page: "runs", limit: 200, ...(project !== null && { project_id: project }) } },
          signal,
        }),
      );
      return page.items.filter((view) => view.project_id === project);
    },
    enabled: isOn,
  });
}

/** Ways to change saved views; the list is read again after each. */
export function useViewChanges(project: string | null) {
  const queries = useQueryClient();
  const settled = { onSuccess: () => queries.invalidateQueries({ queryKey: ["views"] }) };
  const create = useMutation({
    mutationFn: ({ name, state }: Pick<SavedView, "name" | "state">) =>
      unwrap(
        client.POST("/api/modellab/views", { body: { page: "runs", name, state, project_id: project } }),
      ),
    ...settled,
  });
  const update = useMutation({
    mutationFn: ({ id, ...body }: { id: string; name?: string; state?: SavedView["state"] }) =>
      unwrap(
        client.PUT("/api/modellab/views/{view_id}", {
          params: { path: { view_id: id } },
          body: body as Schemas["ViewChangeBody"],
        }),
      ),
    ...settled,
  });
  const remove = useMutation({
    mutationFn: (id: string) =>
      unwrap(client.DELETE("/api/modellab/views/{view_id}", { params: { path: { view_id: id } } })),
    ...settled,
  });
  return { create, update, remove };
}

export type BulkChange = Pick<Schemas["BulkBody"], "tags" | "note"> & { trash?: true; restore?: true };

/** Change many runs at once: all of them or none of each thousand. */
export async function changeRuns(runIds: readonly string[], change: BulkChange): Promise<void> {
  for (let at = 0; at < runIds.length; at += MAX_ROWS) {
    const body = { run_ids: runIds.slice(at, at + MAX_ROWS), ...change } as Schemas["BulkBody"];
    await client.POST("/api/modellab/runs/bulk", { body });
  }
}

/** Read again what is shown of the runs. */
export function refreshRuns(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: ["runs"] });
}

export type RunGroups = Schemas["RunGroupsBody"];

interface GroupsRequest {
  by: readonly string[];
  metrics: readonly string[];
  summary: GroupSummary;
  isAscending: boolean;
}

/** The most groups that are shown. */
export const MAX_GROUPS = 200;

/** Runs that are alike in `by`, with the mean of metrics over them. */
export function useGroups(asked: Pick<TableRequest, "project" | "query">, groups: GroupsRequest) {
  return useQuery({
    queryKey: ["runs", "groups", asked.project, asked.query, groups],
    queryFn: ({ signal }): Promise<RunGroups> =>
      unwrap(
        client.GET("/api/modellab/groups", {
          params: {
            query: {
              ...filterOf(asked),
              by: [...groups.by],
              metric: [...groups.metrics],
              summary: groups.summary,
              ascending: groups.isAscending,
              limit: MAX_GROUPS,
            },
          },
          signal,
        }),
      ),
    enabled: groups.by.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** Runs of a group, with the final values of its metrics. */
export function useGroupRuns(
  asked: Pick<TableRequest, "project">,
  runIds: readonly string[],
  metrics: readonly string[],
) {
  const fields = metrics.map((name) => writeField({ kind: "metrics", name, summary: null }));
  return useQuery({
    queryKey: ["runs", "group", runIds, fields],
    queryFn: () => readRuns({ project: asked.project, query: "", sort: [], fields }, runIds),
  });
}
