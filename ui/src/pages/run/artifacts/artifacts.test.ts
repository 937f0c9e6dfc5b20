// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { quoteForShell } from "~/format/shell";
import { previewOf } from "./kinds";
import { type Artifact, addressOf } from "./queries";
import { buildTree, filesBelow, findFolder, flatten, folderOf, foldersAround, searchFiles } from "./tree";
import { findReplaced, pathFor } from "./uploads";

const file = (path: string, size = 1): Artifact => ({ path, size, is_stored: true }) as Artifact;
const PATHS = ["models/epoch10.pt", "models/epoch2.pt", "models/deep/a.txt", "README.md", "__proto__/x.txt"];
const files = PATHS.map((path) => file(path, 10));

describe("a tree of files", () => {
  it("has folders before files, in the order of people: epoch2 before epoch10", () => {
    const rows = flatten(buildTree(files), () => true);
    expect(rows.map(({ path, depth }) => `${" ".repeat(depth)}${path}`)).toEqual([
      "__proto__",
      " __proto__/x.txt",
      "models",
      " models/deep",
      "  models/deep/a.txt",
      " models/epoch2.pt",
      " models/epoch10.pt",
      "README.md",
    ]);
  });
  it("counts files and bytes of everything below a folder", () => {
    const models = findFolder(buildTree(files), "models");
    expect(models).toMatchObject({ nFiles: 3, size: 30 });
    expect(models && filesBelow(models)).toHaveLength(3);
  });
  it("shows nothing of a folder that is closed", () => {
    expect(flatten(buildTree(files), () => false).map(({ path }) => path)).toEqual([
      "__proto__",
      "models",
      "README.md",
    ]);
  });
  it("finds folders by path, and no others that begin alike", () => {
    const root = buildTree([file("a/b/c.txt"), file("ab/c.txt")]);
    expect(findFolder(root, "ab")?.path).toBe("ab");
    expect(findFolder(root, "a/b")?.nFiles).toBe(1);
    expect(findFolder(root, "a/x")).toBeNull();
  });
  it("of fifty thousand files is built and flattened at once", () => {
    const many = Array.from({ length: 50_000 }, (_, at) => file(`d${at % 100}/e${at % 7}/f${at}.txt`));
    const began = performance.now();
    expect(flatten(buildTree(many), () => true).length).toBeGreaterThan(50_000);
    expect(performance.now() - began).toBeLessThan(3000);
  });
  it("knows the folders around a path", () => {
    expect(foldersAround("a/b/c.txt")).toEqual(["a", "a/b"]);
    expect(folderOf("c.txt")).toBe("");
  });
  it("is searched by all words, in any order and case", () => {
    expect(searchFiles(files, "PT models").map(({ path }) => path)).toEqual([
      "models/epoch10.pt",
      "models/epoch2.pt",
    ]);
    expect(searchFiles(files, "  ")).toHaveLength(files.length);
  });
});

describe("a file is shown", () => {
  const kind = (path: string, type = "application/octet-stream") => previewOf({ path, media_type: type });
  it("by the ending of its name, which tells more than its type", () => {
    expect(kind("a/README.md", "text/plain")).toBe("markdown");
    expect(kind("b.TSV")).toBe("table");
    expect(kind("Makefile")).toBe("text");
    expect(kind("weights.npz")).toBe("none");
  });
  it("by its type where the name says nothing", () => {
    expect(kind("picture", "image/png")).toBe("image");
    expect(kind("notes.unknown", "text/plain")).toBe("text");
    expect(kind("notes.unknown")).toBe("none");
  });
  it("in a sandbox where it could run: HTML and SVG, whatever it is called", () => {
    expect(kind("a.html")).toBe("page");
    expect(kind("a.svg", "image/svg+xml")).toBe("page");
    expect(kind("page", "text/html")).toBe("page");
  });
});

describe("paths of people", () => {
  it("keep their slashes in an address, and nothing else of them is read as one", () => {
    expect(addressOf("r", "a b/100 %?#.txt")).toBe(
      "/api/modellab/artifacts/r/download/a%20b/100%20%25%3F%23.txt",
    );
  });
  it("are quoted for a shell", () => {
    expect(quoteForShell("models/best.pt")).toBe("models/best.pt");
    expect(quoteForShell("it's; rm")).toBe("'it'\\''s; rm'");
  });
});

describe("an upload", () => {
  const dropped = (name: string, relativePath?: string) =>
    Object.assign(new File([""], name), { relativePath });
  it("goes into the folder that is looked at, with the folders it was dropped with", () => {
    expect(pathFor("", dropped("a.txt"))).toBe("a.txt");
    expect(pathFor("models", dropped("a.txt", "./a.txt"))).toBe("models/a.txt");
    expect(pathFor("models", dropped("a.txt", "/plots/a.txt"))).toBe("models/plots/a.txt");
  });
  it("that would replace a file is found", () => {
    expect(findReplaced(["README.md", "new.txt"], files)).toEqual(["README.md"]);
  });
});
