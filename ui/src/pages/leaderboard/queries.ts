import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { client, unwrap } from "~/api/client";
import { useLive } from "~/api/useLive";
import { writeField } from "~/format/query";
import type { Order } from "./address";

export interface Asked {
  metric: string;
  split: string;
  query: string;
  topK: number;
  order: Order | null;
}

/** The best runs by a metric of their evaluations, each tested against the first. */
export function useJudged({ metric, split, query, topK, order }: Asked, enabled: boolean) {
  return useQuery({
    queryKey: ["leaderboard", "judged", metric, split, query, topK, order],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/leaderboard", {
          params: {
            query: {
              metric,
              split,
              top_k: topK,
              ...(query !== "" && { query }),
              ...(order !== null && { higher_is_better: order === "high" }),
            },
          },
          signal,
        }),
      ),
    enabled,
    placeholderData: keepPreviousData,
  });
}

/** The best runs by a final value, of which no interval is known. */
export function useFinal({ metric, query, topK, order }: Asked, enabled: boolean) {
  const field = writeField({ kind: "metrics", name: metric, summary: null });
  return useQuery({
    queryKey: ["leaderboard", "final", metric, query, topK, order],
    queryFn: async ({ signal }) => {
      const wanted = [query, `exists ${field}`].filter(Boolean).map((part) => `(${part})`);
      const ask = (sort: string, limit: number) =>
        unwrap(
          client.GET("/api/modellab/table", {
            params: { query: { columns: [field], sort: [sort], limit, query: wanted.join(" and ") } },
            signal,
          }),
        );
      const isHigh =
        order === null ? await askDirection(metric, await ask("-started_at", 2), signal) : order === "high";
      return { ...(await ask(isHigh ? `-${field}` : field, topK)), isHigh };
    },
    enabled,
    placeholderData: keepPreviousData,
  });
}

/** Which way a metric is better, as a comparison of two runs that have it takes it to be. */
async function askDirection(
  metric: string,
  { rows }: { rows: readonly { run_id: string }[] },
  signal: AbortSignal,
): Promise<boolean> {
  if (rows.length < 2) return true;
  const found = await unwrap(
    client.POST("/api/modellab/compare", {
      body: { run_ids: rows.map((row) => row.run_id), metric, split: "test", slices: false, n_examples: 0 },
      signal,
    }),
  );
  return found.higher_is_better ?? true;
}

const SETTLE_MS = 2000;

/** Rank again when runs ended or were changed; several within 2 s are one. */
export function useFollowRuns(): void {
  const queries = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => void (waiting.current !== null && clearTimeout(waiting.current)), []);
  useLive((event) => {
    if (event.kind === "points" || event.kind === "started" || waiting.current !== null) return;
    waiting.current = setTimeout(() => {
      waiting.current = null;
      queries.invalidateQueries({ queryKey: ["leaderboard"] });
    }, SETTLE_MS);
  });
}
