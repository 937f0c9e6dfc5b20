import { describe, expect, it } from "vitest";
import { sayChanges } from "./changes";

const SAME = { n_rows: 0, n_columns: 0, added_columns: [], removed_columns: [], retyped_columns: [] };

describe("what a version changed", () => {
  it("is said in rows, columns and their names", () => {
    expect(sayChanges({ ...SAME, n_rows: 150, n_columns: 1, added_columns: ["petal"] })).toEqual([
      "150 rows more",
      "column petal added",
    ]);
    expect(sayChanges({ ...SAME, n_rows: -1, retyped_columns: ["a", "b"] })).toEqual([
      "1 row fewer",
      "columns a, b of another type",
    ]);
  });

  it("names a few of many columns and counts the others", () => {
    const removed_columns = Array.from({ length: 9 }, (_, at) => `c${at}`);
    expect(sayChanges({ ...SAME, removed_columns })).toEqual(["columns c0, c1, c2, c3 and 5 others removed"]);
  });

  it("is other values when rows and columns are alike, and nothing for the first version", () => {
    expect(sayChanges(SAME)).toEqual(["other values, the same rows and columns"]);
    expect(sayChanges(null)).toEqual([]);
  });
});
