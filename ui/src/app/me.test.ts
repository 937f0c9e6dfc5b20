// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { Schemas } from "~/api/client";
import { mayAddProjects, mayWriteHere } from "./me";

const caller = (may: Schemas["CallerBody"]["may"], writable: string[] | null) =>
  ({ may, writable }) as Schemas["CallerBody"];

describe("what a caller may do", () => {
  it("is to write where one sees all projects only if one may write in some", () => {
    expect(mayWriteHere(caller("read", []), null)).toBe(false);
    expect(mayWriteHere(caller(null, ["vision"]), null)).toBe(true);
    expect(mayWriteHere(caller("log", null), null)).toBe(true);
  });

  it("is to write in a project only if it is one of those", () => {
    expect(mayWriteHere(caller(null, ["vision"]), "vision")).toBe(true);
    expect(mayWriteHere(caller(null, ["vision"]), "speech")).toBe(false);
  });

  it("is nothing until it is known", () => {
    expect(mayWriteHere(undefined, null)).toBe(false);
    expect(mayAddProjects(undefined)).toBe(false);
    expect(mayAddProjects(caller("read", []))).toBe(false);
  });
});
