import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { colorOf, labelRun, labelRuns, SERIES_COLORS, stylesOf } from "./run";

describe("the look of a run", () => {
  it("has the same colour whatever it is drawn with", () => {
    const [alone] = stylesOf(["a"]);
    expect(alone?.color).toBe(colorOf("a"));
    expect(stylesOf(["x", "y", "a"])[2]?.color).toBe(colorOf("a"));
  });

  it("has the colour that docs/concepts/design.md defines, as in reports", () => {
    const design = readFileSync(new URL("../../../docs/concepts/design.md", import.meta.url), "utf8");
    const said = design.split("```")[1]?.trim().split("\n") ?? [];
    expect(said[0]?.split(" ")).toEqual(SERIES_COLORS);
    const known = said.slice(4).map((line) => line.split(" "));
    expect(known.length).toBeGreaterThan(3);
    for (const [id = "", color] of known) expect(colorOf(id)).toBe(color);
  });

  it("is told apart by dashes only from lines of the same colour", () => {
    const keys = Array.from({ length: 30 }, (_, at) => `run-${at}`);
    const seen = new Set(stylesOf(keys).map(({ color, dash }) => `${color} ${dash.join(" ")}`));
    expect(seen.size).toBeGreaterThan(SERIES_COLORS.length);
    expect(stylesOf(["a"])[0]?.dash).toEqual([]);
  });

  it("is spread over all colours by ids that differ in little", () => {
    const counts = new Map<string, number>();
    for (let at = 0; at < 1000; at++) {
      const color = colorOf(`18ebf192b5b136ed99aabc3c16${at.toString(16).padStart(6, "0")}`);
      counts.set(color, (counts.get(color) ?? 0) + 1);
    }
    expect(counts.size).toBe(SERIES_COLORS.length);
    expect(Math.max(...counts.values())).toBeLessThan(150);
  });

  it("is called by its name, or by the end of its id", () => {
    expect(labelRun({ run_id: "18ebf192b5b136ed99aabc3c1643fa6b", name: null })).toBe("1643fa6b");
    expect(labelRun({ run_id: "1", name: "baseline" })).toBe("baseline");
  });
});

test("runs of one name are told apart by their ids where they stand side by side", () => {
  const runs = [
    { run_id: "1111aaaaaaaa", name: "best" },
    { run_id: "2222bbbbbbbb", name: "best" },
    { run_id: "3333cccccccc", name: "other" },
    { run_id: "4444dddddddd", name: null },
    { run_id: "5555dddddddd", name: null },
  ];
  expect([...labelRuns(runs).values()]).toEqual([
    "best aaaaaaaa",
    "best bbbbbbbb",
    "other",
    "4444dddddddd",
    "5555dddddddd",
  ]);
});
