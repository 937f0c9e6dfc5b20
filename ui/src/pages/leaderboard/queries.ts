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
  /** Which way the metric is better; null where that is not known. */
  isHighBetter: boolean | null;
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
export function useFinal({ metric, query, topK, order, isHighBetter }: Asked, enabled: boolean) {
  const field = writeField({ kind: "metrics", name: metric, summary: null });
  const isHigh = order === null ? (isHighBetter ?? true) : order === "high";
  return useQuery({
    queryKey: ["leaderboard", "final", metric, query, topK, isHigh],
    queryFn: async ({ signal }) => {
      const wanted = [query, `exists ${field}`].filter(Boolean).map((part) => `(${part})`);
      const found = await unwrap(
        client.GET("/api/modellab/table", {
          params: {
            query: {
              columns: [field],
              sort: [isHigh ? `-${field}` : field],
              limit: topK,
              query: wanted.join(" and "),
            },
          },
          signal,
        }),
      );
      return { ...found, isHigh };
    },
    enabled,
    placeholderData: keepPreviousData,
  });
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
