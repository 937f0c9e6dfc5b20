import { SegmentedControl, Stack, Text, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { SCHEMES } from "~/app/ColorScheme";
import { DENSITIES, useDensity } from "~/app/density";

/** How the app looks on this browser. */
export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [density, setDensity] = useDensity();
  return (
    <Stack gap="lg">
      <Choice label="Colours">
        <SegmentedControl
          aria-label="Colours"
          data={SCHEMES.map(({ value, label }) => ({ value, label }))}
          value={colorScheme}
          onChange={(next) => setColorScheme(next as typeof colorScheme)}
        />
      </Choice>
      <Choice label="Rows of tables">
        <SegmentedControl
          aria-label="Rows of tables"
          data={DENSITIES.map(({ value, label }) => ({ value, label }))}
          value={density.value}
          onChange={setDensity}
        />
      </Choice>
      <Text size="sm" c="dimmed" maw={560}>
        Kept on this browser. Times are shown in its zone and language.
      </Text>
    </Stack>
  );
}

function Choice({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Stack gap={4} align="flex-start">
      <Text size="sm" fw={600}>
        {label}
      </Text>
      {children}
    </Stack>
  );
}
