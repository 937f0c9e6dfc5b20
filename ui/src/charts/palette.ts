/** The colours of app/tokens.css for what draws on a canvas, which knows no CSS variables. */

import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { SERIES_COLORS } from "~/format/run";

export type Scheme = "light" | "dark";

const TOKENS = {
  text: "--mantine-color-text",
  dimmed: "--mantine-color-dimmed",
  surface: "--ml-surface",
  sunken: "--ml-sunken",
  line: "--ml-line",
  grid: "--ml-grid",
  axis: "--ml-axis",
  accent: "--ml-accent",
  accentSoft: "--ml-accent-soft",
  better: "--ml-better",
  worse: "--ml-worse",
  unsure: "--ml-unsure",
  warn: "--ml-warn",
  font: "--mantine-font-family",
} as const;

export type Palette = Record<keyof typeof TOKENS, string> & { scheme: Scheme; series: readonly string[] };

/** The tokens' values as they are now; they follow light and dark. */
export function usePalette(): Palette {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  return useMemo(() => readPalette(scheme), [scheme]);
}

/** The tokens' values in a scheme, which need not be the one that is shown. */
export function readPalette(scheme: Scheme): Palette {
  const root = document.documentElement;
  const attribute = "data-mantine-color-scheme";
  const before = root.getAttribute(attribute);
  // Set for the time of reading only: nothing is painted in between.
  if (before !== scheme) root.setAttribute(attribute, scheme);
  const style = getComputedStyle(root);
  const values = Object.fromEntries(
    Object.entries(TOKENS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]),
  ) as Record<keyof typeof TOKENS, string>;
  if (before !== scheme && before !== null) root.setAttribute(attribute, before);
  return { ...values, scheme, series: SERIES_COLORS };
}
