import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

/** The projects that the caller may see, the newest 200. */
export function useProjects(search = "") {
  return useQuery({
    queryKey: ["projects", search],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/projects", {
          params: { query: { limit: 200, ...(search && { search }) } },
          signal,
        }),
      ),
  });
}
