/** What a run's page reads, and how news change it. */

import { useQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";

export type WholeRun = Schemas["WholeRunBody"];

/** Everything about a run but its points, its console and the bytes of its files. */
export function useRun(runId: string) {
  return useQuery({
    queryKey: ["run", runId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/modellab/runs/{run_id}", { params: { path: { run_id: runId } }, signal })),
  });
}
