import { readTokens } from "./tokens";

/** The query before the mistake, the word that is one, and the rest; a mistake at the end marks a blank. */
export function splitAt(query: string, position: number | null): [string, string | null, string] {
  if (position === null) return ["", null, ""];
  // The server counts characters, JavaScript halves of some of them.
  const from = [...query].slice(0, position).join("").length;
  const token = readTokens(query).find((found) => found.from <= from && from < found.to);
  const to = token?.to ?? from + 1;
  return [query.slice(0, from), query.slice(from, to) || "\u00a0", query.slice(to)];
}
