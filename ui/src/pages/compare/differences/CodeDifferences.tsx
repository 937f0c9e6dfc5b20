import { Group, Stack, Text } from "@mantine/core";
import { DiffView } from "~/components/DiffView";
import type { Side } from "../comparison";
import { SideName } from "../SideName";
import { type CodeDifference, groupAlike } from "./code";

interface CodeDifferencesProps {
  found: readonly CodeDifference[];
  sides: ReadonlyMap<string, Side>;
}

/** How the code of each run differs from that of the baseline or the first; alike ones are said in one line. */
export function CodeDifferences({ found, sides }: CodeDifferencesProps) {
  if (found.length === 0) return <Text c="dimmed">There is no code to compare.</Text>;
  return (
    <Stack gap="md">
      {groupAlike(found).map((ones) => (
        <Stack key={ones.map(({ b }) => b).join(" ")} gap="xs">
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
