/** Short news at the corner of the page: what was done, with a way back, and what did not work. */

import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Problem } from "~/api/client";

/** Long enough to read it, to see the mistake, and to reach the button. */
const UNDO_MS = 12_000;

/** Say what was done; `undo` offers a way back. */
export function tellDone(message: string, undo?: () => void | Promise<void>): void {
  const id = notifications.show({
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm" className="ml-wrap">
          {message}
        </Text>
        {undo && (
          <Button
            variant="default"
            style={{ flexShrink: 0 }}
            onClick={() => {
              notifications.hide(id);
              void undo();
            }}
          >
            Undo
          </Button>
        )}
      </Group>
    ),
    withBorder: true,
    closeButtonProps: { "aria-label": "Close" },
    autoClose: undo ? UNDO_MS : 5000,
  });
}

/** Say that something did not work, and why. A session that ended is asked for elsewhere. */
export function tellProblem(what: string, error: unknown): void {
  if (error instanceof Problem && error.status === 401) return;
  notifications.show({
    color: "red",
    title: `${what} did not work`,
    message: <span className="ml-wrap">{explain(error)}</span>,
    withBorder: true,
    closeButtonProps: { "aria-label": "Close" },
    autoClose: 12_000,
  });
}

/** What an error says, with its hint. */
export function explain(error: unknown): string {
  if (error instanceof Problem) return [error.detail, error.hint].filter(Boolean).join(" ");
  return error instanceof Error ? error.message : String(error);
}
