/** What a run's page reads and changes, and how news reach what was read. */

import { useThrottledCallback } from "@mantine/hooks";
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";
import { useLive } from "~/api/useLive";
import { tellProblem } from "~/components/notices";
import { withPoints, withRun } from "./news";

export type WholeRun = Schemas["WholeRunBody"];
export type RunEdit = Schemas["EditRunBody"];

const POINTS_MS = 15_000;
const CHANGES_MS = 1000;

/** Everything about a run but its points, its console and the bytes of its files. */
export function useRun(runId: string | null) {
  return useQuery({
    queryKey: ["run", runId],
    queryFn: ({ signal }) => readRun(runId ?? "", signal),
    enabled: runId !== null,
    // Sharing structure assigns to plain objects, and a metric or param may be called `__proto__`.
    structuralSharing: false,
  });
}

export function readRun(runId: string, signal?: AbortSignal): Promise<WholeRun> {
  return unwrap(client.GET("/api/modellab/runs/{run_id}", { params: { path: { run_id: runId } }, signal }));
}

/** Keeps what was read of a run as it is now, for as long as its page is shown. */
export function useFollowRun(runId: string): void {
  const queries = useQueryClient();
  const readAll = useThrottledCallback(
    () => queries.invalidateQueries({ queryKey: ["run", runId] }),
    CHANGES_MS,
  );
  // Events hold the newest values only; extremes in between are read now and then.
  const readSummaries = useThrottledCallback(
    () => queries.invalidateQueries({ queryKey: ["run", runId], exact: true }),
    POINTS_MS,
  );
  useLive((event) => {
    if (event.kind === "reset") return;
    if (event.kind === "points") {
      if (event.points.run_id !== runId) return;
      update(queries, runId, (run) => withPoints(run, event.points));
      readSummaries();
    } else if (event.run.run_id === runId) {
      update(queries, runId, (run) => withRun(run, event.run));
      // In the trash it cannot be read.
      if (event.run.deleted_at === null) readAll();
    } else if (event.run.parent_id === runId) {
      void queries.invalidateQueries({ queryKey: ["runs", "children", runId] });
    }
  });
}

/** Changes a run; what is shown changes at once, and back again if the server refuses. */
export function useEditRun(runId: string) {
  const queries = useQueryClient();
  const queryKey = ["run", runId];
  return useMutation({
    mutationFn: (body: RunEdit) =>
      unwrap(client.PUT("/api/modellab/runs/{run_id}", { params: { path: { run_id: runId } }, body })),
    onMutate: async (edit) => {
      await queries.cancelQueries({ queryKey, exact: true });
      const before = queries.getQueryData<WholeRun>(queryKey);
      update(queries, runId, (run) => ({ ...run, ...shownOf(edit, run) }));
      return before;
    },
    onError: (error, _, before) => {
      queries.setQueryData(queryKey, before);
      tellProblem("Saving the change", error);
    },
    onSuccess: (run) => {
      queries.setQueryData(queryKey, run);
      void queries.invalidateQueries({ queryKey: ["runs"] });
    },
  });
}

function update(queries: QueryClient, runId: string, change: (run: WholeRun) => WholeRun): void {
  queries.setQueryData<WholeRun>(["run", runId], (run) => run && change(run));
}

function shownOf({ name, description, note, tags }: RunEdit, run: WholeRun): Partial<WholeRun> {
  const shown: Partial<WholeRun> = {};
  if (name !== undefined && name !== null) shown.name = name;
  if (description !== undefined) shown.description = description || null;
  if (note !== undefined) shown.note = note || null;
  if (tags)
    shown.tags = Object.fromEntries(
      Object.entries({ ...run.tags, ...tags }).filter(([, value]) => value !== null),
    );
  return shown;
}

const MAX_CHILDREN = 200;

/** The runs nested in it, the newest first. */
export function useChildren(run: WholeRun) {
  return useQuery({
    queryKey: ["runs", "children", run.run_id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/runs", {
          params: { query: { parent_id: run.run_id, limit: MAX_CHILDREN } },
          signal,
        }),
      ),
    enabled: run.children.length > 0,
    structuralSharing: false,
  });
}

/** The run as the trash lists it; `null` if it is not there by itself. */
export function useTrashed(runId: string, isAsked: boolean) {
  return useQuery({
    queryKey: ["trash", "run", runId],
    queryFn: async ({ signal }) => {
      let cursor: string | null = null;
      do {
        const query: { kind: "run"; limit: number; cursor?: string } = { kind: "run", limit: TRASH_PAGE };
        if (cursor !== null) query.cursor = cursor;
        const page: Schemas["TrashPageBody"] = await unwrap(
          client.GET("/api/modellab/trash", { params: { query }, signal }),
        );
        const found = page.items.find(({ id }) => id === runId);
        if (found !== undefined) return found;
        cursor = page.next_cursor;
      } while (cursor !== null);
      return null;
    },
    enabled: isAsked,
    staleTime: 0,
  });
}

const TRASH_PAGE = 500;
