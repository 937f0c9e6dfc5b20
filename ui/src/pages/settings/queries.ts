import { useInfiniteQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";

export type Key = Schemas["KeyBody"];
export type User = Schemas["UserBody"];
export type Role = User["role"];
export type Scope = Key["scope"];

export const ROLES: readonly { value: Role; label: string }[] = [
  { value: "admin", label: "admin: everything" },
  { value: "editor", label: "editor: sees all, logs, changes" },
  { value: "viewer", label: "viewer: sees all" },
  { value: "member", label: "member: sees only projects added to" },
];
export const SCOPES: readonly { value: Scope; label: string }[] = [
  { value: "log", label: "log: read, record and change" },
  { value: "read", label: "read: only look" },
  { value: "admin", label: "admin: everything its user may" },
];

export function useKeys(isEnabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["keys"],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        client.GET("/api/modellab/keys", {
          params: { query: { limit: 200, ...(pageParam !== null && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: isEnabled,
  });
}

export interface AuditFilter {
  kind: string;
  actor: string;
  target: string;
}

export function useAudit(filter: AuditFilter, isEnabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        client.GET("/api/modellab/audit", {
          params: {
            query: {
              limit: 100,
              ...(filter.kind !== "" && { kind: filter.kind }),
              ...(filter.actor !== "" && { actor: filter.actor }),
              ...(filter.target !== "" && { target: filter.target }),
              ...(pageParam !== null && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: isEnabled,
    // The log grows with all that is done here, so what is kept of it is old at once.
    staleTime: 0,
  });
}
