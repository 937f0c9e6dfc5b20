import { useQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";

export type Project = Schemas["ProjectBody"];

const N_RECENT = 10;
const N_ACTIVITY = 12;

export function useProjectById(id: string) {
  return useQuery({
    queryKey: ["project", id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/projects/{project_id}", { params: { path: { project_id: id } }, signal }),
      ),
  });
}

/** Runs by day, for the bars. */
export function useProjectOverview(id: string) {
  return useQuery({
    queryKey: ["project", id, "overview"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/overview", { params: { query: { project_id: id, days: 90 } }, signal }),
      ),
  });
}

/** What happened lately. */
export function useActivity(id: string) {
  return useQuery({
    queryKey: ["project", id, "activity"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/projects/{project_id}/activity", {
          params: { path: { project_id: id }, query: { limit: N_ACTIVITY } },
          signal,
        }),
      ),
  });
}

export function useRecentRuns(id: string) {
  return useQuery({
    queryKey: ["project", id, "runs"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/projects/{project_id}/runs", {
          params: { path: { project_id: id }, query: { limit: N_RECENT } },
          signal,
        }),
      ),
  });
}

export function useRecentDatasets(id: string) {
  return useQuery({
    queryKey: ["project", id, "datasets"],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/projects/{project_id}/datasets", {
          params: { path: { project_id: id }, query: { limit: N_RECENT } },
          signal,
        }),
      ),
  });
}
