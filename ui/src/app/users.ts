import { useInfiniteQuery } from "@tanstack/react-query";
import { client, unwrap } from "~/api/client";

/** All users, for who may see them: admins of a server with a login. */
export function useUsers(isEnabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["users"],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        client.GET("/api/modellab/users", {
          params: { query: { limit: 1000, ...(pageParam !== null && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: isEnabled,
  });
}
