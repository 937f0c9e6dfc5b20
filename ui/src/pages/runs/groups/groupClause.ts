import { quoteText } from "~/format/query";
import { splitClauses, toggleClause } from "../filter/clauses";

type Key = Readonly<Record<string, string | number | boolean | null>>;

/** Runs named one by one: beyond this a query would be too long to read. */
const MAX_NAMED = 50;

/** The query that finds the runs of a group: by what they have, or one by one if that does not tell them. */
export function groupClause(
  query: string,
  by: readonly string[],
  key: Key,
  runIds: readonly string[],
): string {
  const entries = Object.entries(key);
  // A group of seeds is alike in all params, of which the key has only those that differ between groups.
  if (by.includes("seed") || !entries.every(([, value]) => isAskable(value)))
    return `run_id in (${runIds.slice(0, MAX_NAMED).map(quoteText).join(", ")})`;
  return entries
    .map(([field, value]) => writeCondition(field, value))
    .filter((clause) => !splitClauses(query).includes(clause))
    .reduce((before, clause) => toggleClause(before, clause), query);
}

/** A text that reads as a number, or was cut, cannot be told from another value by its text. */
function isAskable(value: Key[string]): boolean {
  return typeof value !== "string" || (Number.isNaN(Number(value)) && value.length < 300);
}

function writeCondition(field: string, value: Key[string]): string {
  if (value === null) return `${field} is null`;
  return `${field} = ${typeof value === "string" ? quoteText(value) : String(value)}`;
}
