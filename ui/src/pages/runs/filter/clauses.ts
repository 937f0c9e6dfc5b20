/** A query as clauses that are joined by `and`, so that a button can put one in and take it out again. */

import { keywordOf, readTokens } from "./tokens";

/** The clauses at the top of a query; one with `or` at its top is a single clause. */
export function splitClauses(query: string): string[] {
  const clauses: string[] = [];
  let [depth, from, isBetween] = [0, 0, false];
  for (const token of readTokens(query)) {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    const keyword = keywordOf(token);
    if (depth !== 0 || keyword === null) continue;
    if (keyword === "or") return [query.trim()];
    if (keyword === "between") isBetween = true;
    else if (keyword === "and" && isBetween) isBetween = false;
    else if (keyword === "and") {
      clauses.push(query.slice(from, token.from).trim());
      from = token.to;
    }
  }
  clauses.push(query.slice(from).trim());
  return clauses.filter((clause) => clause !== "");
}

/** Whether a clause is one of the query's. */
export function hasClause(query: string, clause: string): boolean {
  return splitClauses(query).includes(clause);
}

/**
 * The query with the clause if it was without, and without if it was with it.
 *
 * It takes the place of those in `instead`, which cannot hold together with it.
 */
export function toggleClause(query: string, clause: string, instead: readonly string[] = []): string {
  const clauses = splitClauses(query).filter((other) => !instead.includes(other));
  if (clauses.includes(clause)) return clauses.filter((other) => other !== clause).join(" and ");
  const isOr = clauses.length === 1 && hasTopOr(query);
  return [...(isOr ? [`(${query.trim()})`] : clauses), clause].join(" and ");
}

function hasTopOr(query: string): boolean {
  let depth = 0;
  return readTokens(query).some((token) => {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    return depth === 0 && keywordOf(token) === "or";
  });
}
