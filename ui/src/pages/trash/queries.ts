import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";
import type { TrashKind } from "~/components/useTrash";

export type TrashItem = Schemas["TrashItemBody"];

/** What was deleted, the latest first. */
export function useTrashList(kind: TrashKind | null) {
  return useInfiniteQuery({
    queryKey: ["trash", kind],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        client.GET("/api/modellab/trash", {
          params: {
            query: {
              limit: 200,
              ...(kind !== null && { kind }),
              ...(pageParam !== null && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

/** Who put things into the trash, by kind and id: from the newest entries of the audit log, for admins. */
export function useDeleters(isEnabled: boolean): ReadonlyMap<string, string> {
  const found = useQuery({
    queryKey: ["trash", "deleters"],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/modellab/audit", { params: { query: { limit: 1000 } }, signal })),
    enabled: isEnabled,
  });
  const deleters = new Map<string, string>();
  for (const { action, kind, target, actor } of found.data?.items ?? []) {
    const key = `${kind} ${target}`;
    // The newest first: an earlier one was restored meanwhile.
    if (action === "delete" && !deleters.has(key)) deleters.set(key, actor);
  }
  return deleters;
}
