/** Files as a tree of folders: built once, flattened to the rows in sight. */

import type { Artifact } from "./queries";

export interface Folder {
  path: string;
  name: string;
  folders: Folder[];
  files: Artifact[];
  /** Of all files below it. */
  nFiles: number;
  size: number;
}

export type TreeRow =
  | { kind: "folder"; path: string; name: string; depth: number; folder: Folder; isOpen: boolean }
  | { kind: "file"; path: string; name: string; depth: number; file: Artifact };

/** The folders and files of a run. Paths are texts of people: they are kept in a Map, never as keys of an object. */
export function buildTree(files: readonly Artifact[]): Folder {
  const root = makeFolder("", "");
  const known = new Map<string, Folder>([["", root]]);
  for (const file of files) {
    const parts = file.path.split("/");
    let at = root;
    add(at, file.size);
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join("/");
      let next = known.get(path);
      if (next === undefined) {
        next = makeFolder(path, parts[depth - 1] ?? "");
        known.set(path, next);
        at.folders.push(next);
      }
      at = next;
      add(at, file.size);
    }
    at.files.push(file);
  }
  for (const folder of known.values()) {
    folder.folders.sort((a, b) => compareNames(a.name, b.name));
    folder.files.sort((a, b) => compareNames(nameOf(a.path), nameOf(b.path)));
  }
  return root;
}

function makeFolder(path: string, name: string): Folder {
  return { path, name, folders: [], files: [], nFiles: 0, size: 0 };
}

function add(folder: Folder, size: number): void {
  folder.nFiles += 1;
  folder.size += size;
}

/** `epoch2` before `epoch10`. */
const compareNames = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

/** The rows of the tree, with what is below the open folders. */
export function flatten(root: Folder, isOpen: (path: string) => boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (folder: Folder, depth: number) => {
    for (const below of folder.folders) {
      const open = isOpen(below.path);
      rows.push({ kind: "folder", path: below.path, name: below.name, depth, folder: below, isOpen: open });
      if (open) visit(below, depth + 1);
    }
    for (const file of folder.files)
      rows.push({ kind: "file", path: file.path, name: nameOf(file.path), depth, file });
  };
  visit(root, 0);
  return rows;
}

/** Files whose path has all words of a search. */
export function searchFiles(files: readonly Artifact[], text: string): readonly Artifact[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return files;
  return files.filter(({ path }) => {
    const lower = path.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
}

/** The folder at a path, if there is one. */
export function findFolder(root: Folder, path: string): Folder | null {
  if (path === "") return root;
  let at: Folder = root;
  for (;;) {
    const next = at.folders.find((folder) => path === folder.path || path.startsWith(`${folder.path}/`));
    if (next === undefined) return null;
    if (next.path === path) return next;
    at = next;
  }
}

/** All files below a folder. */
export function filesBelow(folder: Folder): Artifact[] {
  return [...folder.files, ...folder.folders.flatMap(filesBelow)];
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder of a path; empty at the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** The folders around a path, outermost first. */
export function foldersAround(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}
