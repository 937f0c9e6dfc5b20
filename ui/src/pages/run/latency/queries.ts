/** What the latency tab reads. */

import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

/** The latency reports of a run, whole, by name. */
export function useLatencies(runId: string) {
  return useQuery({
    queryKey: ["run", runId, "latency"],
    queryFn: async ({ signal }) => {
      const call = client.GET("/api/modellab/runs/{run_id}/latency", {
        params: { path: { run_id: runId } },
        signal,
      });
      return (await unwrap(call)).items;
    },
  });
}
