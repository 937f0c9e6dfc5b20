import { useEffect } from "react";
import { usePreference } from "~/state/preference";

export const DENSITIES = [
  { value: "comfortable", label: "Comfortable" },
  { value: "compact", label: "Compact" },
] as const;

/** How close the rows of tables stand; kept on this browser. tokens.css says what follows from it. */
export function useDensity(): [string, (density: string) => void] {
  const [density, setDensity] = usePreference("density", DENSITIES[0].value);
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  return [density, setDensity];
}
