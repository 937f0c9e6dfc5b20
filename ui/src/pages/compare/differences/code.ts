/** Differences of code, those that are alike together. Pure. */

import type { Schemas } from "~/api/client";

export type CodeDifference = Schemas["CodeDifferenceBody"];

/** Runs whose code differs in the same way from that of the same run, in the order of the answer. */
export function groupAlike(found: readonly CodeDifference[]): CodeDifference[][] {
  const alike = new Map<string, CodeDifference[]>();
  for (const one of found) {
    const key = JSON.stringify([one.a, one.note, one.diff]);
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()];
}
