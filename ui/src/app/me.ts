import { useQuery } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";

type Caller = Schemas["CallerBody"];

/** Who is asking, and what the server is. */
export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/modellab/me", { signal })),
    staleTime: 300_000,
  });
}

/** Whether the caller may add to a project and change it; `null` is outside of all projects. */
export function mayWrite(me: Caller | undefined, projectId: string | null): boolean {
  if (me === undefined) return false;
  return me.writable === null || (projectId !== null && me.writable.includes(projectId));
}

/** The same for what a page shows: of a project, or of all, where one that may be added to is enough. */
export function mayWriteHere(me: Caller | undefined, project: string | null): boolean {
  return project === null ? me?.writable === null || (me?.writable.length ?? 0) > 0 : mayWrite(me, project);
}

/** Whether the caller may make projects. */
export function mayAddProjects(me: Caller | undefined): boolean {
  return me?.may === "log" || me?.may === "admin";
}

/** Whether the caller may change users and remove things for good. */
export function mayAdminister(me: Caller | undefined): boolean {
  return me?.may === "admin";
}
