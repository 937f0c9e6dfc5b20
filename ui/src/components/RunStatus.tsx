import { Badge } from "@mantine/core";

const COLORS = { pending: "gray", running: "blue", completed: "teal", failed: "red" } as const;

/** The state of a run: always a word, never a colour alone. */
export function RunStatus({ status }: { status: keyof typeof COLORS }) {
  return (
    <Badge color={COLORS[status]} variant="dot" miw="max-content">
      {status}
    </Badge>
  );
}
