import { describe, expect, it } from "vitest";
import { cutAt, findLines, splitLines } from "./lines";

describe("the lines of a console", () => {
  it("are without the colours of a terminal, empty ones kept", () => {
    expect(splitLines("a\n\n\u001b[31mred\u001b[0m <b>\n")).toEqual(["a", "", "red <b>"]);
    expect(splitLines("")).toEqual([]);
  });

  it("are found in any letter case", () => {
    expect(findLines(["Loss 1", "acc", "loss 2"], "LOSS")).toEqual([0, 2]);
    expect(findLines(["a"], "")).toEqual([]);
  });

  it("are cut at what was found, every second piece being it", () => {
    expect(cutAt("a loss, a Loss", "loss")).toEqual(["a ", "loss", ", a ", "Loss", ""]);
    expect(cutAt("abc", "x")).toEqual(["abc"]);
  });

  it("whose small letters are longer stay whole", () => {
    expect(cutAt("İstanbul loss", "loss")).toEqual(["İstanbul loss"]);
  });

  it("of ten megabytes are split and searched in a moment", () => {
    const lines = splitLines("step 12345 loss 0.12345 and some more words here\n".repeat(200_000));
    expect(lines).toHaveLength(200_000);
    expect(findLines(lines, "WORDS")).toHaveLength(200_000);
  });
});
