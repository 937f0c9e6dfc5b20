/** What the page of a comparison reads, and how news of runs change it. */

import { keepPreviousData, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { client, type Schemas, unwrap } from "~/api/client";
import { useLive } from "~/api/useLive";
import { MIN_COMPARED } from "./comparison";

export type TableRow = Schemas["TableRowBody"];
export type ListedRun = Schemas["ListedRunBody"];
export type WholeRun = Schemas["WholeRunBody"];
export type Evaluation = Schemas["EvaluationBody"];

/** What is asked of a comparison. */
export interface Asked {
  runIds: readonly string[];
  baseline: string | null;
  metric: string | null;
  split: string;
  minEffect: number | null;
}

/** The chosen runs as far as they are there, in the order chosen, and the ids of those that are not. */
export function useChosenRuns(runIds: readonly string[]) {
  const found = useQuery({
    queryKey: ["runs", "chosen", runIds],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/table", {
          params: { query: { run_ids: [...runIds], limit: 1000 } },
          signal,
        }),
      ),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
  });
  const chosen = useMemo(() => {
    const byId = new Map((found.data?.rows ?? []).map((row) => [row.run_id, row]));
    const runs = runIds.map((id) => byId.get(id)).filter((row) => row !== undefined);
    return { runs, missing: runIds.filter((id) => !byId.has(id)) };
  }, [found.data, runIds]);
  return { ...found, ...chosen };
}

/** The verdicts on these runs; `slices` also compares parts of the test rows, which takes longer. */
export function useComparison(asked: Asked, { slices = false, enabled = true } = {}) {
  return useQuery({
    queryKey: ["comparison", asked, slices],
    queryFn: ({ signal }) => readComparison(asked, slices, signal),
    enabled: enabled && asked.runIds.length >= MIN_COMPARED,
    placeholderData: keepPreviousData,
  });
}

/** Ask for the verdicts once. */
export function readComparison(asked: Asked, slices: boolean, signal?: AbortSignal) {
  return unwrap(
    client.POST("/api/modellab/compare", {
      body: {
        run_ids: [...asked.runIds],
        baseline: asked.baseline,
        metric: asked.metric,
        min_effect: asked.minEffect,
        split: asked.split,
        slices,
        n_examples: 50,
      },
      signal,
    }),
  );
}

/** Params and final metrics of the runs. */
export function useListedRuns(runIds: readonly string[], enabled = true) {
  return useQuery({
    queryKey: ["runs", "listed", runIds],
    queryFn: ({ signal }) => readListedRuns(runIds, signal),
    enabled: enabled && runIds.length > 0,
    placeholderData: keepPreviousData,
  });
}

export async function readListedRuns(runIds: readonly string[], signal?: AbortSignal) {
  const query = `run_id in (${runIds.map((id) => JSON.stringify(id)).join(", ")})`;
  const { items } = await unwrap(
    client.GET("/api/modellab/runs", { params: { query: { query, limit: runIds.length } }, signal }),
  );
  const byId = new Map(items.map((run) => [run.run_id, run]));
  return runIds.map((id) => byId.get(id)).filter((run) => run !== undefined);
}

/** Everything about each run; only for what no list has, such as a config that is the same everywhere. */
export function useWholeRuns(runIds: readonly string[], enabled: boolean) {
  return useQueries({
    queries: runIds.map((id) => ({
      queryKey: ["run", id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        unwrap(client.GET("/api/modellab/runs/{run_id}", { params: { path: { run_id: id } }, signal })),
      enabled,
    })),
    combine: combineAnswers<WholeRun>,
  });
}

/** The evaluations of each run, which have intervals of more metrics than a comparison tests. */
export function useEvaluations(runIds: readonly string[]) {
  return useQueries({
    queries: runIds.map((id) => ({
      queryKey: ["run", id, "evaluations"],
      queryFn: ({ signal }: { signal: AbortSignal }) => readEvaluations(id, signal),
    })),
    combine: combineAnswers<readonly Evaluation[]>,
  });
}

export async function readEvaluations(runId: string, signal?: AbortSignal): Promise<readonly Evaluation[]> {
  const { items } = await unwrap(
    client.GET("/api/modellab/runs/{run_id}/evaluations", { params: { path: { run_id: runId } }, signal }),
  );
  return items;
}

interface Answer<T> {
  data: T | undefined;
  isPending: boolean;
  error: Error | null;
}

function combineAnswers<T>(answers: readonly Answer<T>[]) {
  return {
    data: answers.map((answer) => answer.data).filter((data): data is NonNullable<T> => data !== undefined),
    isPending: answers.some((answer) => answer.isPending),
    error: answers.find((answer) => answer.error !== null)?.error ?? null,
  };
}

const SETTLE_MS = 2000;

/** Read a comparison again when one of its runs ended or was changed; several changes within 2 s are one. */
export function useFollow(runIds: readonly string[]): void {
  const queries = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => void (waiting.current !== null && clearTimeout(waiting.current)), []);
  useLive((event) => {
    const concerns =
      event.kind === "reset" ||
      ((event.kind === "ended" || event.kind === "changed") && runIds.includes(event.run.run_id));
    if (!concerns || waiting.current !== null) return;
    waiting.current = setTimeout(() => {
      waiting.current = null;
      queries.invalidateQueries({ queryKey: ["runs", "chosen"] });
      queries.invalidateQueries({ queryKey: ["runs", "listed"] });
      queries.invalidateQueries({ queryKey: ["comparison"] });
    }, SETTLE_MS);
  });
}
