/** What the evaluation tab reads. */

import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

/** The headlines of a run's evaluations, by name. */
export function useEvaluations(runId: string) {
  return useQuery({
    queryKey: ["run", runId, "evaluations"],
    queryFn: async ({ signal }) => {
      const call = client.GET("/api/modellab/runs/{run_id}/evaluations", {
        params: { path: { run_id: runId } },
        signal,
      });
      return (await unwrap(call)).items;
    },
  });
}

/** One evaluation, whole. */
export function useEvaluation(runId: string, name: string) {
  return useQuery({
    queryKey: ["run", runId, "evaluations", name],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/runs/{run_id}/evaluations/{name}", {
          params: { path: { run_id: runId, name } },
          signal,
        }),
      ),
  });
}
