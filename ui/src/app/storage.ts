import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

/** How much room things take, and when the trash is emptied. */
export function useStorage() {
  return useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/modellab/storage", { signal })),
  });
}
