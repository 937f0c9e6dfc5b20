import { Group, Text } from "@mantine/core";
import { RunLink, RunSwatch } from "~/components/RunLink";
import type { Side } from "./comparison";

/** A run, leading to its page, or a seed group by its name. */
export function SideName({ side, id }: { side: Side | undefined; id: string }) {
  if (side === undefined || !side.isGroup) return <RunLink run={{ run_id: id, name: side?.label }} />;
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <RunSwatch runId={id} />
      <Text size="sm" className="ml-text">
        {side.label}
      </Text>
    </Group>
  );
}
