/** What the artifacts tab reads and changes. */

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { client, request, type Schemas, unwrap } from "~/api/client";

export type Artifact = Schemas["ArtifactBody"];

const PAGE_SIZE = 1000;
/** So many files are listed without asking; a run with more asks before it goes on. */
export const LISTED_AT_ONCE = 20_000;
/** So much of a text is shown. */
export const TEXT_BYTES = 256 * 1024;
/** So many rows of a table are shown at a time. */
export const ROWS = 100;

/** The files of a run, page after page, until all are here or there are very many. */
export function useArtifacts(runId: string) {
  const query = useInfiniteQuery({
    queryKey: ["run", runId, "artifacts"],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/modellab/artifacts/{run_id}", {
          params: {
            path: { run_id: runId },
            query: { limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const files = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && files.length < LISTED_AT_ONCE) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage, files.length]);
  return { ...query, files };
}

/** The address of a file's bytes under the page; `sandbox` shows HTML and SVG with their scripts shut in. */
export function addressOf(runId: string, path: string, sandbox = false): string {
  const parts = path.split("/").map(encodeURIComponent).join("/");
  return `/api/modellab/artifacts/${encodeURIComponent(runId)}/download/${parts}${sandbox ? "?sandbox=true" : ""}`;
}

export interface TextPart {
  text: string;
  /** Whether these are bytes that no text has. */
  isBinary: boolean;
}

/** The beginning of a file as text. */
export function useText(artifact: Artifact, bytes = TEXT_BYTES) {
  return useQuery({
    queryKey: ["artifact", artifact.run_id, artifact.path, artifact.sha256, "text", bytes],
    queryFn: async ({ signal }): Promise<TextPart> => {
      // A range of an empty file is none.
      if (artifact.size === 0) return { text: "", isBinary: false };
      const headers = artifact.size > bytes ? { range: `bytes=0-${bytes - 1}` } : undefined;
      const address = addressOf(artifact.run_id, artifact.path);
      const answer = await request(address, { signal, ...(headers ? { headers } : {}) });
      const data = new Uint8Array(await answer.arrayBuffer());
      // The last character may have been cut in two; `stream` leaves it out.
      const text = new TextDecoder().decode(data, { stream: artifact.size > bytes });
      return { text, isBinary: data.subarray(0, 8192).includes(0) };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Rows of a file that is a table, from `offset` on. */
export function useTablePart(artifact: Artifact, offset: number) {
  return useQuery({
    queryKey: ["artifact", artifact.run_id, artifact.path, artifact.sha256, "table", offset],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/artifacts/{run_id}/table/{path}", {
          params: {
            path: { run_id: artifact.run_id, path: artifact.path },
            query: { limit: ROWS, offset },
          },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
}

/** Remove files for good, one after the other. */
export function useRemoveArtifacts(runId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (paths: readonly string[]) => {
      let freed = 0;
      for (const path of paths) {
        const answer = await request(addressOf(runId, path), { method: "DELETE" });
        freed += ((await answer.json()) as Schemas["RemovedBody"]).freed_bytes;
      }
      return freed;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", runId] }),
  });
}
