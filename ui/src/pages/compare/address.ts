/** What a comparison's address says: which runs, against which, by what, and which part is open. */

import { useMemo } from "react";
import { useAddress, useAddressList, useSetAddress } from "~/state/address";

export const DEFAULT_SPLIT = "test";

/** The state of the page, and a way to change several parts of it in one step. */
export function useCompareAddress() {
  const [written] = useAddressList("run");
  const [baseline] = useAddress("baseline");
  const [metric] = useAddress("metric");
  const [split] = useAddress("split", DEFAULT_SPLIT);
  const [effect] = useAddress("effect");
  const change = useSetAddress();
  const runIds = useMemo(() => [...new Set(written)], [written]);
  return {
    runIds,
    // A baseline that was taken out of the comparison is none.
    baseline: runIds.includes(baseline) ? baseline : null,
    metric: metric === "" ? null : metric,
    split,
    minEffect: readEffect(effect),
    change,
  };
}

/** A smallest difference that matters: a number above 0, else none. */
export function readEffect(text: string): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) && value > 0 ? value : null;
}
