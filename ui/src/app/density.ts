import { useEffect } from "react";
import { usePreference } from "~/state/preference";

/** `height` is a row of the runs, in pixels; tokens.css says what follows for other tables. */
export const DENSITIES = [
  { value: "compact", label: "Compact", height: 26 },
  { value: "normal", label: "Normal", height: 32 },
  { value: "relaxed", label: "Relaxed", height: 42 },
] as const;

type Density = (typeof DENSITIES)[number];
const NORMAL = DENSITIES[1];

/** How close the rows of all tables stand; kept on this browser. */
export function useDensity(): [Density, (value: string) => void] {
  const [kept, keep] = usePreference("density", NORMAL.value);
  return [DENSITIES.find(({ value }) => value === kept) ?? NORMAL, keep];
}

/** Lets the style sheets know the density. */
export function useDensityOnPage(): void {
  const [{ value }] = useDensity();
  useEffect(() => {
    document.documentElement.dataset.density = value;
  }, [value]);
}
