import { Alert, Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { live } from "~/api/live";
import { useLive, useLiveState } from "~/api/useLive";

const PATIENCE_MS = 1500;

/** Says that the server is gone, and when it is back reads anew what is shown. */
export function ConnectionNotice() {
  const state = useLiveState();
  // A connection that breaks and is back at once is nobody's concern.
  const [settled] = useDebouncedValue(state, PATIENCE_MS);
  const queries = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    if (state === "lost") wasLost.current = true;
    if (state === "open" && wasLost.current) {
      wasLost.current = false;
      void queries.invalidateQueries();
    }
  }, [state, queries]);
  useLive((event) => {
    if (event.kind === "reset") void queries.invalidateQueries();
  });
  if (state !== "lost" || settled !== "lost") return null;
  return (
    <Alert color="yellow" role="alert" mb="sm" title="The ModelLab server does not answer">
      <Group justify="space-between">
        What is shown is as it was; what you typed is kept. Connecting again by itself.
        <Button variant="default" onClick={live.connect}>
          Connect now
        </Button>
      </Group>
    </Alert>
  );
}
