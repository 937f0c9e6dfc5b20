import { Group, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconEqual, IconHelp, IconTilde } from "@tabler/icons-react";
import { toneOf, type VerdictWord as Word } from "../comparison";

const ICONS = {
  better: IconArrowUp,
  worse: IconArrowDown,
  equivalent: IconEqual,
  identical: IconEqual,
  borderline: IconTilde,
  "no difference shown": IconTilde,
  "cannot tell": IconHelp,
} as const satisfies Record<Word, unknown>;

/** A verdict's word with its sign: never a colour alone. */
export function VerdictWord({ word, size = "sm" }: { word: Word; size?: "sm" | "md" }) {
  const Icon = ICONS[word];
  return (
    <Group gap={4} wrap="nowrap" c={`var(--ml-${toneOf(word)})`} style={{ flexShrink: 0 }}>
      <Icon size={size === "sm" ? 14 : 18} aria-hidden="true" />
      <Text size={size} fw={600} c="inherit" style={{ whiteSpace: "nowrap" }}>
        {word}
      </Text>
    </Group>
  );
}
