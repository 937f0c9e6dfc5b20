import { expect, test } from "vitest";
import { type CodeDifference, groupAlike } from "./code";

test("runs with the same change of code stand together, others by themselves", () => {
  const one = (b: string, diff: string | null) =>
    ({
      a: "x",
      b,
      note: "The same commit.",
      diff,
      same_commit: true,
      same_changes: diff === null,
    }) as CodeDifference;
  const groups = groupAlike([one("p", null), one("q", "+1"), one("r", null)]);
  expect(groups.map((group) => group.map(({ b }) => b))).toEqual([["p", "r"], ["q"]]);
});
