/** The baseline of a project: its newest run with the tag `baseline = "true"`. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";
import { useLive } from "~/api/useLive";
import { useEvaluations } from "../evaluation/queries";
import type { WholeRun } from "../queries";

export const BASELINE_TAG = "baseline";

export function isMarked(run: { tags: Readonly<Record<string, unknown>> }): boolean {
  return Object.hasOwn(run.tags, BASELINE_TAG) && String(run.tags[BASELINE_TAG]) === "true";
}

/** `null` where no run of the project is one. */
export function useBaseline(projectId: string | null) {
  const queries = useQueryClient();
  const queryKey = ["runs", "baseline", projectId];
  useLive((event) => {
    if (event.kind === "points" || event.kind === "reset" || event.run.project_id !== projectId) return;
    const known = queries.getQueryData<Schemas["ListedRunBody"] | null>(queryKey);
    if (isMarked(event.run) || event.run.run_id === known?.run_id)
      void queries.invalidateQueries({ queryKey });
  });
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const place = projectId === null ? { query: "project_id is null and " } : { project_id: projectId };
      const query = `${place.query ?? ""}tags.${BASELINE_TAG} = "true"`;
      const page = await unwrap(
        client.GET("/api/modellab/runs", { params: { query: { ...place, query, limit: 1 } }, signal }),
      );
      return page.items[0] ?? null;
    },
    structuralSharing: false,
  });
}

export type Verdict = Schemas["PairVerdictBody"];

/** How a run compares with its baseline, on the split that it was evaluated on. */
export function useVerdict(run: WholeRun, baselineId: string | null) {
  const evaluations = useEvaluations(run.run_id);
  const splits = evaluations.data?.map(({ name }) => name) ?? [];
  const split = splits.includes("test") ? "test" : splits[0];
  const hasEnded = run.status === "completed" || run.status === "failed";
  return useQuery({
    queryKey: ["run", run.run_id, "verdict", baselineId, split ?? null],
    queryFn: async ({ signal }) => {
      const body = {
        run_ids: [baselineId ?? "", run.run_id],
        baseline: baselineId,
        n_examples: 0,
        ...(split !== undefined && { split }),
      };
      const found = await unwrap(
        client.POST("/api/modellab/compare", { body: body as Schemas["CompareRunsBody"], signal }),
      );
      return found.verdicts[0] ?? null;
    },
    enabled:
      baselineId !== null &&
      baselineId !== run.run_id &&
      evaluations.isSuccess &&
      (hasEnded || split !== undefined),
  });
}
