import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

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
