/** A unified diff as rows to draw: files, hunks and lines with their numbers. */

import { parsePatch, type StructuredPatch } from "diff";

export interface ChangedFile {
  path: string;
  /** What became of it besides its lines: "new", "deleted", "binary", "renamed from a.py". */
  what: string[];
  nAdded: number;
  nRemoved: number;
  rows: DiffRow[];
}

export type DiffRow =
  | { kind: "hunk"; text: string }
  | { kind: "line"; sign: "+" | "-" | " " | "\\"; old: number | null; new: number | null; text: string };

export interface ReadDiff {
  files: ChangedFile[];
  /** Lines outside of any file: what the recorder left out, and why. */
  notes: string[];
  nAdded: number;
  nRemoved: number;
}

/** Never fails: a part that is no diff, or was cut in the middle, is shown line by line as it stands. */
export function readDiff(text: string): ReadDiff {
  const notes: string[] = [];
  const files: ChangedFile[] = [];
  for (const part of text.split(/^(?=diff --git )/m)) {
    const lines = part.split("\n");
    const said = lines.filter((line) => line.startsWith("# "));
    notes.push(...said.map((line) => line.slice(2)));
    const rest = lines.filter((line) => !line.startsWith("# ")).join("\n");
    if (rest.trim() !== "") files.push(...readFiles(rest));
  }
  const sum = (count: (file: ChangedFile) => number) => files.reduce((total, file) => total + count(file), 0);
  return { files, notes, nAdded: sum((file) => file.nAdded), nRemoved: sum((file) => file.nRemoved) };
}

function readFiles(text: string): ChangedFile[] {
  try {
    const found = parsePatch(text).filter((patch) => patch.isGit || patch.hunks.length > 0);
    if (found.length > 0) return found.map(readFile);
  } catch {
    // It was cut in the middle, or never was one.
  }
  return [readRaw(text)];
}

function readFile(patch: StructuredPatch): ChangedFile {
  const oldPath = withoutSide(patch.oldFileName);
  const newPath = withoutSide(patch.newFileName);
  const rows: DiffRow[] = [];
  let [nAdded, nRemoved] = [0, 0];
  for (const hunk of patch.hunks) {
    rows.push({
      kind: "hunk",
      text: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    });
    let [before, after] = [hunk.oldStart, hunk.newStart];
    for (const line of hunk.lines) {
      const sign = line.charAt(0) as "+" | "-" | " " | "\\";
      const isOld = sign === "-" || sign === " ";
      const isNew = sign === "+" || sign === " ";
      rows.push({
        kind: "line",
        sign,
        old: isOld ? before++ : null,
        new: isNew ? after++ : null,
        text: line.slice(1),
      });
      if (sign === "+") nAdded++;
      if (sign === "-") nRemoved++;
    }
  }
  const what = [
    patch.isCreate || oldPath === null ? "new" : null,
    patch.isDelete || newPath === null ? "deleted" : null,
    patch.isRename ? `renamed from ${oldPath}` : null,
    patch.isBinary ? "binary" : null,
    patch.oldMode && patch.newMode && patch.oldMode !== patch.newMode
      ? `mode ${patch.oldMode} to ${patch.newMode}`
      : null,
  ].filter((word) => word !== null);
  return { path: newPath ?? oldPath ?? "(no name)", what, nAdded, nRemoved, rows };
}

/** What could not be read as a diff, with what its signs say all the same. */
function readRaw(text: string): ChangedFile {
  const [head = ""] = text.split("\n", 1);
  const path = / b\/(.*)$/.exec(head)?.[1] ?? "(not a diff)";
  const rows = text.split("\n").map((line): DiffRow => {
    const sign = /^(\+(?!\+\+ )|-(?!-- ))/.exec(line)?.[0] as "+" | "-" | undefined;
    return { kind: "line", sign: sign ?? " ", old: null, new: null, text: sign ? line.slice(1) : line };
  });
  const count = (sign: string) => rows.filter((row) => row.kind === "line" && row.sign === sign).length;
  return { path, what: ["incomplete"], nAdded: count("+"), nRemoved: count("-"), rows };
}

function withoutSide(name: string | undefined): string | null {
  if (name === undefined || name === "/dev/null") return null;
  return name.replace(/^[ab]\//, "");
}
