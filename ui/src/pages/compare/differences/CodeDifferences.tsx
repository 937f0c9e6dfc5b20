import { Group, Stack, Text } from "@mantine/core";
import type { Schemas } from "~/api/client";
import { DiffView } from "~/components/DiffView";
import type { Side } from "../comparison";
import { SideName } from "../SideName";

interface CodeDifferencesProps {
  found: readonly Schemas["CodeDifferenceBody"][];
  sides: ReadonlyMap<string, Side>;
}

/** How the code of each run differs from that of the baseline or the first; alike ones are said in one line. */
export function CodeDifferences({ found, sides }: CodeDifferencesProps) {
  if (found.length === 0) return <Text c="dimmed">There is no code to compare.</Text>;
  const alike = new Map<string, typeof found>();
  for (const one of found) {
    const key = `${one.a} ${one.note} ${one.diff ?? ""}`;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return (
    <Stack gap="md">
      {[...alike].map(([key, ones]) => (
        <Stack key={key} gap="xs">
          <Group gap="xs">
            {ones.map(({ b }) => (
              <SideName key={b} side={sides.get(b)} id={b} />
            ))}
            <Text size="sm" c="dimmed">
              against
            </Text>
            <SideName side={sides.get(ones[0]?.a ?? "")} id={ones[0]?.a ?? ""} />
          </Group>
          <Text className="ml-wrap">{ones[0]?.note}</Text>
          {ones[0]?.diff && <DiffView diff={ones[0].diff} maxHeight="50vh" />}
        </Stack>
      ))}
    </Stack>
  );
}
