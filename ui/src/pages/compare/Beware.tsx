import { Box, Text } from "@mantine/core";

/** What to beware of, as the API says it. */
export function Beware({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <Box
      role="note"
      aria-label="Beware"
      pl="md"
      py={2}
      maw="92ch"
      style={{ borderLeft: "4px solid var(--ml-warn)" }}
    >
      <Text fw={600} c="var(--ml-warn)">
        Beware
      </Text>
      {warnings.map((warning) => (
        <Text key={warning} style={{ overflowWrap: "anywhere" }}>
          {warning}
        </Text>
      ))}
    </Box>
  );
}
