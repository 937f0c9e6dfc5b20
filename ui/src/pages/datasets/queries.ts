import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { client, type Schemas, unwrap } from "~/api/client";
import { uploadQueue } from "./uploads";

export type Dataset = Schemas["DatasetBody"];
export type Column = Schemas["ColumnBody"];
export type ColumnDifference = Schemas["ColumnDifferenceBody"];

const PAGE = 1000;

/** The newest version of each dataset; a thousand at a time, which is nearly always all. */
export function useDatasets(project: string | null) {
  return useInfiniteQuery({
    queryKey: ["datasets", project],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        client.GET("/api/modellab/datasets", {
          params: {
            query: {
              limit: PAGE,
              ...(project !== null && { project_id: project }),
              ...(pageParam !== null && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

export function useDataset(id: string) {
  return useQuery({
    queryKey: ["dataset", id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/datasets/{dataset_id}", { params: { path: { dataset_id: id } }, signal }),
      ),
  });
}

export function useVersions(id: string) {
  return useQuery({
    queryKey: ["dataset", id, "versions"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/datasets/{dataset_id}/versions", {
          params: { path: { dataset_id: id } },
          signal,
        }),
      ),
  });
}

/** What is different from another version to this one. */
export function useDifference(id: string, otherId: string) {
  return useQuery({
    queryKey: ["dataset", id, "difference", otherId],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/datasets/{dataset_id}/difference", {
          params: { path: { dataset_id: id }, query: { other: otherId } },
          signal,
        }),
      ),
    enabled: otherId !== "" && otherId !== id,
  });
}

export function usePreview(id: string, isTable: boolean) {
  return useQuery({
    queryKey: ["dataset", id, "preview"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/datasets/{dataset_id}/preview", {
          params: { path: { dataset_id: id }, query: { n: 100 } },
          signal,
        }),
      ),
    enabled: isTable,
  });
}

/** The runs that used a version, and what for. */
export function useUses(id: string) {
  return useInfiniteQuery({
    queryKey: ["dataset", id, "runs"],
    queryFn: async ({ signal, pageParam }) => {
      const uses = await unwrap(
        client.GET("/api/modellab/datasets/{dataset_id}/runs", {
          params: {
            path: { dataset_id: id },
            query: { limit: 100, ...(pageParam !== null && { cursor: pageParam }) },
          },
          signal,
        }),
      );
      return { ...uses, runs: await readRuns(uses.items, signal) };
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

/** Those runs, by id. */
async function readRuns(uses: readonly { run_id: string }[], signal: AbortSignal) {
  const ids = [...new Set(uses.map(({ run_id }) => run_id))];
  if (ids.length === 0) return new Map<string, Schemas["ListedRunBody"]>();
  const query = ids.map((id) => `run_id = "${id}"`).join(" or ");
  const { items } = await unwrap(
    client.GET("/api/modellab/runs", { params: { query: { limit: ids.length, query } }, signal }),
  );
  return new Map(items.map((run) => [run.run_id, run]));
}

/** Read lists anew when a dataset has arrived. */
export function useArrivals(): void {
  const queries = useQueryClient();
  useEffect(
    () =>
      uploadQueue.onArrival(() => {
        for (const noun of ["datasets", "dataset", "projects", "project", "overview", "palette"])
          void queries.invalidateQueries({ queryKey: [noun] });
      }),
    [queries],
  );
}
