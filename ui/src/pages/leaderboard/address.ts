import { useAddress, useProject, useSetAddress } from "~/state/address";

export const DEFAULT_SPLIT = "test";
export const DEFAULT_TOP = 10;
export const MAX_TOP = 50;

export type Order = "high" | "low";

/** What a leaderboard's address says: by which metric of which evaluations, of which runs, and how many. */
export function useLeaderboardAddress() {
  const [metric] = useAddress("metric");
  const [split] = useAddress("split", DEFAULT_SPLIT);
  const [typed] = useAddress("q");
  const [top] = useAddress("top");
  const [order] = useAddress("order");
  return {
    metric: metric === "" ? null : metric,
    split,
    typed,
    topK: readTop(top),
    order: order === "high" || order === "low" ? (order as Order) : null,
    project: useProject(),
    change: useSetAddress(),
  };
}

/** 1 to 50; what is no such number is 10. */
export function readTop(text: string): number {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= MAX_TOP ? count : DEFAULT_TOP;
}
