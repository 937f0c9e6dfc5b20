/** What the reproduce tab reads. */

import { useQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";

export type Manifest = Schemas["PackManifestBody"];
/** Whose bytes a pack has. */
export type PackedData = "small" | "all" | "none";

/** The manifest of a run's pack: all facts, without code and data. */
export function useManifest(runId: string, data: PackedData) {
  return useQuery({
    queryKey: ["run", runId, "repro", data],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/runs/{run_id}/repro", {
          params: { path: { run_id: runId }, query: { data } },
          signal,
        }),
      ),
  });
}

/** The address of the pack under the page. */
export function packAddress(runId: string, data: PackedData): string {
  return `/api/modellab/runs/${encodeURIComponent(runId)}/repro/download?data=${data}`;
}
