// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { nameFor, refusalOf } from "./chosen";
import { formFor } from "./uploads";

describe("an upload", () => {
  it("says its name and project before the file, because the server reads it as it arrives", () => {
    const form = formFor(new File(["a"], "a.csv"), { name: "iris", projectId: "p", description: "" });
    expect([...form.keys()]).toEqual(["name", "project_id", "file"]);
  });
});

describe("a chosen file", () => {
  it("is called after itself without its ending", () => {
    expect(nameFor("iris.csv")).toBe("iris");
    expect(nameFor("a.b.parquet")).toBe("a.b");
    expect(nameFor(".hidden")).toBe(".hidden");
    expect(nameFor("x".repeat(300))).toHaveLength(250);
  });

  it("is refused before it is sent if it is empty or too large, with the limit", () => {
    expect(refusalOf({ size: 0 }, 10)).toContain("empty");
    expect(refusalOf({ size: 2_000_000 }, 1_000_000)).toContain("at most 1.00 MB");
    expect(refusalOf({ size: 5 }, null)).toBeNull();
  });
});
