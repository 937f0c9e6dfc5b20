import { describe, expect, it } from "vitest";
import { isConflict, keepDraft, readDraft } from "./noteDraft";

function newKeeper() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

describe("the draft of a note", () => {
  it("is there again after a reload, until it is saved", () => {
    const keeper = newKeeper();
    keepDraft("a", { text: "half a sent", base: "" }, keeper);
    expect(readDraft("a", keeper)).toEqual({ text: "half a sent", base: "" });
    expect(readDraft("b", keeper)).toBeNull();
    keepDraft("a", null, keeper);
    expect(readDraft("a", keeper)).toBeNull();
  });

  it("that something else has spoilt is none", () => {
    const keeper = newKeeper();
    keeper.setItem("modellab.note.a", "{");
    expect(readDraft("a", keeper)).toBeNull();
  });

  it("of a browser that keeps nothing is none, and no error", () => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const keeper = { getItem: refuse, setItem: refuse, removeItem: refuse };
    expect(() => keepDraft("a", { text: "x", base: "" }, keeper)).not.toThrow();
    expect(readDraft("a", keeper)).toBeNull();
  });

  it("conflicts with a note that changed elsewhere, not with the same words", () => {
    const draft = { text: "mine", base: "before" };
    expect(isConflict(draft, "before")).toBe(false);
    expect(isConflict(draft, "theirs")).toBe(true);
    expect(isConflict(draft, "mine")).toBe(false);
    expect(isConflict({ text: "mine", base: "" }, null)).toBe(false);
  });
});
