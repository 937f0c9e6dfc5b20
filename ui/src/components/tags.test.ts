import { describe, expect, it } from "vitest";
import { changeOfTags, formatTags, parseTags } from "./tags";

describe("tags as text", () => {
  it("are written name=value and read back", () => {
    const texts = formatTags({ team: "vision", stage: "a=b" });
    expect(texts).toEqual(["stage=a=b", "team=vision"]);
    expect(Object.fromEntries(parseTags(texts).tags)).toEqual({ team: "vision", stage: "a=b" });
  });

  it("need a name before the equals sign", () => {
    expect(parseTags(["vision", "=x", "a="])).toEqual({
      tags: new Map([["a", ""]]),
      wrong: ["vision", "=x"],
    });
  });

  it("may be called __proto__", () => {
    const { tags } = parseTags(["__proto__=x"]);
    expect(Object.hasOwn(changeOfTags({}, tags) ?? {}, "__proto__")).toBe(true);
  });

  it("change by what is different only, with null for what was removed", () => {
    const before = { team: "vision", old: "1", n: 3 };
    expect(changeOfTags(before, parseTags(["team=nlp", "n=3"]).tags)).toEqual({ team: "nlp", old: null });
    expect(changeOfTags(before, parseTags(formatTags(before)).tags)).toBeUndefined();
  });
});
