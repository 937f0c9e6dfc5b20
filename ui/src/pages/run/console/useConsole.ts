import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { client, unwrap } from "~/api/client";
import { useLive } from "~/api/useLive";
import type { WholeRun } from "../queries";
import { splitLines } from "./lines";

/** How often the console of a running run is asked for what is new; the live stream does not tell of lines. */
const ASK_MS = 2000;

interface Printed {
  lines: readonly string[];
  after: number;
}

/** What the run printed; while it runs, only what is new is fetched. */
export function useConsole(run: WholeRun) {
  const queries = useQueryClient();
  const isOpen = run.status === "running" || run.status === "pending";
  // Not below ["run", id]: a change of the run is no reason to read its console again.
  const queryKey = ["console", run.run_id];
  // Of another database, places in the console mean something else.
  useLive((event) => {
    if (event.kind === "reset") void queries.resetQueries({ queryKey: ["console"] });
  });
  useEffect(() => {
    // The last lines, when the run has ended.
    if (!isOpen) void queries.invalidateQueries({ queryKey: ["console", run.run_id] });
  }, [isOpen, queries, run.run_id]);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Printed> => {
      const known = queries.getQueryData<Printed>(queryKey) ?? { lines: [], after: 0 };
      const found = await unwrap(
        client.GET("/api/modellab/runs/{run_id}/console", {
          params: { path: { run_id: run.run_id }, query: { after: known.after } },
          signal,
        }),
      );
      const more = splitLines(found.text);
      // The same object if nothing came: then nothing is drawn anew.
      return more.length === 0 && known.after === found.next_after
        ? known
        : { lines: [...known.lines, ...more], after: found.next_after };
    },
    refetchInterval: isOpen ? ASK_MS : false,
    structuralSharing: false,
    staleTime: 0,
    gcTime: 60_000,
  });
}
