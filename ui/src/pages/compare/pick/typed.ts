/** What a person types to find runs: words of a name, or a text of the query language. Pure. */

import { quoteContains } from "~/format/query";

const CONDITION = /[=<>]|\b(?:like|ilike|in\s*\(|between|exists|is\s+(?:not\s+)?(?:null|nan))/i;

/** A query that finds words in names, notes and ids. */
export function findWords(text: string): string {
  const words = quoteContains(text);
  return `name ilike ${words} or run_id like ${words} or note ilike ${words}`;
}

/** A query for what was typed, whichever of the two it is; nothing asks for nothing. */
export function readTyped(text: string): string {
  const typed = text.trim();
  return typed === "" || CONDITION.test(typed) ? typed : findWords(typed);
}

/** Several queries that must all hold; empty ones ask for nothing. */
export function joinQueries(...parts: readonly (string | null | undefined)[]): string {
  const asked = parts.filter((part): part is string => !!part?.trim());
  return asked.length < 2 ? (asked[0] ?? "") : asked.map((part) => `(${part})`).join(" and ");
}
