import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { client, type Schemas } from "~/api/client";
import { countOf } from "~/format/number";
import { tellDone, tellProblem } from "./notices";

export type TrashKind = Schemas["TrashItemBody"]["kind"];
export interface Trashable {
  kind: TrashKind;
  id: string;
  label: string;
}

/**
 * Puts things into the trash, or brings them back from there; tells so, with a way to undo it.
 *
 * Both answer whether it worked for all of them. What is shown of them is read anew.
 */
export function useTrash(): {
  /** `leave` is called when all are gone, before what is shown is read anew. */
  discard: (things: readonly Trashable[], leave?: () => void | Promise<void>) => Promise<boolean>;
  restore: (things: readonly Trashable[]) => Promise<boolean>;
} {
  const queries = useQueryClient();
  const restore = useCallback(
    async (things: readonly Trashable[]) => {
      const done = await each(things, "Restoring", ({ kind, id }) =>
        client.POST("/api/modellab/trash/restore", { body: { kind, id } }),
      );
      await refresh(queries);
      if (done.length > 0) tellDone(`${nameAll(done)} ${done.length === 1 ? "is" : "are"} back.`);
      return done.length === things.length;
    },
    [queries],
  );
  const discard = useCallback(
    async (things: readonly Trashable[], leave?: () => void | Promise<void>) => {
      const done = await each(things, "Deleting", remove);
      if (done.length === things.length) await leave?.();
      await refresh(queries, done);
      if (done.length > 0)
        tellDone(`${nameAll(done)} ${done.length === 1 ? "is" : "are"} in the trash.`, async () => {
          await restore(done);
        });
      return done.length === things.length;
    },
    [queries, restore],
  );
  return { discard, restore };
}

/** One after the other, up to the first that fails, which is told. */
async function each(
  things: readonly Trashable[],
  doing: string,
  act: (thing: Trashable) => Promise<unknown>,
): Promise<Trashable[]> {
  const done: Trashable[] = [];
  for (const thing of things) {
    try {
      await act(thing);
    } catch (error) {
      tellProblem(`${doing} ${nameAll([thing])}`, error);
      break;
    }
    done.push(thing);
  }
  return done;
}

function remove({ kind, id }: Trashable): Promise<unknown> {
  switch (kind) {
    case "run":
      return client.DELETE("/api/modellab/runs/{run_id}", { params: { path: { run_id: id } } });
    case "dataset":
      return client.DELETE("/api/modellab/datasets/{dataset_id}", { params: { path: { dataset_id: id } } });
    case "project":
      return client.DELETE("/api/modellab/projects/{project_id}", { params: { path: { project_id: id } } });
  }
}

function nameAll(things: readonly Trashable[]): string {
  const [first] = things;
  if (first === undefined) return "Nothing";
  if (things.length > 1) return countOf(things.length, "item");
  const label = first.label.length > 60 ? `${first.label.slice(0, 59)}…` : first.label;
  return `${first.kind[0]?.toUpperCase()}${first.kind.slice(1)} ${label}`;
}

/** What counts or lists things: the trash may take much else with it, or bring it back. */
const NOUNS = new Set([
  "runs",
  "run",
  "datasets",
  "dataset",
  "projects",
  "project",
  "trash",
  "overview",
  "storage",
  "palette",
]);

/** Pages of things that are `gone` may be shown for a moment yet, and would read what is not there. */
async function refresh(queries: QueryClient, gone: readonly Trashable[] = []): Promise<void> {
  const pages = new Set(gone.map(({ kind, id }) => `${kind} ${id}`));
  const isGone = ([noun, id]: QueryKey) => pages.has(`${noun} ${id}`);
  void queries.invalidateQueries({ predicate: ({ queryKey }) => isGone(queryKey), refetchType: "none" });
  await queries.invalidateQueries({
    predicate: ({ queryKey }) => NOUNS.has(String(queryKey[0])) && !isGone(queryKey),
  });
}
