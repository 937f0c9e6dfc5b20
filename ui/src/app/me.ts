import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

/** Who is asking, and what the server is. */
export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/modellab/me", { signal })),
    staleTime: 300_000,
  });
}
