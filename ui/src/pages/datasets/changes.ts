/** What a version changed against the one before it, in words. */

import { countOf } from "~/format/number";
import type { Dataset } from "./queries";

const MAX_NAMES = 4;

/** Such as `150 rows more`, `column petal added`; nothing known is an empty list. */
export function sayChanges(changes: Dataset["changes"]): string[] {
  if (changes === null) return [];
  const all = [
    sayRows(changes.n_rows),
    sayNames(changes.added_columns, "added"),
    sayNames(changes.removed_columns, "removed"),
    sayNames(changes.retyped_columns, "of another type"),
  ].filter((text) => text !== null);
  return all.length > 0 ? all : ["other values, the same rows and columns"];
}

function sayRows(difference: number): string | null {
  if (difference === 0) return null;
  return `${countOf(Math.abs(difference), "row")} ${difference > 0 ? "more" : "fewer"}`;
}

function sayNames(names: readonly string[], how: string): string | null {
  if (names.length === 0) return null;
  const more = names.length - MAX_NAMES;
  const listed = names.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${countOf(more, "other")}` : "");
  return `${names.length === 1 ? "column" : "columns"} ${listed} ${how}`;
}
