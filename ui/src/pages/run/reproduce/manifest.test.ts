import { describe, expect, it } from "vitest";
import { describeTolerance, listCommands, listParts } from "./manifest";
import type { Manifest } from "./queries";

const manifest = (more: Partial<Manifest> = {}): Manifest =>
  ({
    run_id: "abc",
    command: "python train.py",
    git_hash: "0123456789abcdef",
    git_branch: "main",
    git_remote: null,
    has_diff: false,
    is_diff_complete: true,
    code: [],
    packages: ["numpy==2.0"],
    python_version: "3.11.7",
    seed: null,
    datasets: [],
    environment: {},
    ...more,
  }) as Manifest;

const found = (given: Manifest, what: string) => listParts(given).find((part) => part.what === what)?.found;

describe("what a pack has", () => {
  it("says what was not recorded rather than leaving it out", () => {
    expect(found(manifest(), "Seed")).toBeNull();
    expect(found(manifest({ seed: 0 }), "Seed")).toBe("0");
    expect(found(manifest({ packages: [] }), "Packages")).toBeNull();
  });
  it("tells a change that was recorded in part from one that is whole, and from none", () => {
    expect(found(manifest({ has_diff: true }), "Uncommitted change")).toBe("recorded");
    expect(found(manifest({ has_diff: true, is_diff_complete: false }), "Uncommitted change")).toBe(
      "recorded in part",
    );
    expect(found(manifest(), "Uncommitted change")).toBe("none");
    expect(found(manifest({ git_hash: null }), "Uncommitted change")).toBeNull();
    expect(found(manifest({ is_diff_complete: false }), "Uncommitted change")).toBeNull();
  });
  it("has checksums of all data and bytes of some", () => {
    const dataset = { name: "iris", version: 1, split: null, filename: "iris.csv", sha256: "", size: 1000 };
    const given = manifest({
      datasets: [
        { ...dataset, path: "data/iris.csv" },
        { ...dataset, path: null },
      ],
    });
    expect(found(given, "Data")).toBe("checksums of 2 datasets, bytes of 1 (1.00 kB)");
  });
});

describe("the commands that repeat a run", () => {
  it("name data that the pack has not, whatever it is called", () => {
    const dataset = {
      name: "x",
      version: 1,
      split: null,
      filename: "it's.csv",
      sha256: "",
      size: 1,
      path: null,
    };
    const commands = listCommands(manifest({ datasets: [dataset] }), "none");
    expect(commands).toContain("modellab repro pack abc --data none -o run.zip");
    expect(commands).toContain("modellab repro run run.zip --data 'it'\\''s.csv'");
  });
  it("are the plain ones where nothing is missing", () => {
    expect(listCommands(manifest(), "small").split("\n")).toEqual([
      "modellab repro pack abc -o run.zip",
      "modellab repro show run.zip",
      "modellab repro run run.zip",
    ]);
  });
});

it("what measures the machine is shown and not compared", () => {
  expect(describeTolerance(null)).toBe("shown, not compared");
  expect(describeTolerance(1e-9)).toBe("within 1e-9 of its value");
});
