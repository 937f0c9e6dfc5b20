import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";

const MAX_FOUND = 50;

/** The newest runs that a query finds; all of them without one. */
export function useFoundRuns(query: string, project: string | null) {
  return useQuery({
    queryKey: ["runs", "found", query, project],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/table", {
          params: {
            query: {
              limit: MAX_FOUND,
              ...(query !== "" && { query }),
              ...(project !== null && { project_id: project }),
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export type RunGroup = Schemas["RunGroupBody"];

const MAX_GROUPS = 300;

/** Runs that are alike in everything but their seeds. */
export function useSeedGroups(query: string, project: string | null) {
  return useQuery({
    queryKey: ["runs", "seed groups", query, project],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/groups", {
          params: {
            query: {
              by: ["seed"],
              limit: MAX_GROUPS,
              ...(query !== "" && { query }),
              ...(project !== null && { project_id: project }),
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
