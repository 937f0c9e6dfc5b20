import { expect, test } from "vitest";
import { joinQueries, readTyped } from "./typed";

test("words are looked for in names, conditions are taken as they are", () => {
  expect(readTyped("wide resnet")).toContain('name ilike "%wide resnet%"');
  expect(readTyped("metrics.accuracy > 0.9")).toBe("metrics.accuracy > 0.9");
  expect(readTyped('name like "a%"')).toBe('name like "a%"');
  expect(readTyped("tags.team is not null")).toBe("tags.team is not null");
});

test("a name that has a word of the language in it stays a name", () => {
  expect(readTyped("made in berlin")).toContain("ilike");
});

test("nothing typed asks for nothing", () => {
  expect(readTyped("  ")).toBe("");
});

test("queries are joined so that an `or` within one stays within it", () => {
  expect(joinQueries("a = 1 or b = 2", "", null, "c = 3")).toBe("(a = 1 or b = 2) and (c = 3)");
  expect(joinQueries("a = 1")).toBe("a = 1");
  expect(joinQueries("", null)).toBe("");
});
