import { Text } from "@mantine/core";
import type { Problem } from "~/api/client";
import classes from "./filter.module.css";
import { readTokens } from "./tokens";

/** What is wrong with a query, with the place underlined at which reading it stopped. */
export function QueryProblem({ query, problem }: { query: string; problem: Problem }) {
  const { position } = problem.document;
  const [before, marked, after] = splitAt(query, typeof position === "number" ? position - 1 : null);
  return (
    <div className={classes.problem} id="query-problem" role="alert">
      {marked !== null && (
        <code>
          {before}
          <mark>{marked}</mark>
          {after}
        </code>
      )}
      <Text size="sm" className="ml-wrap">
        {problem.detail}
      </Text>
    </div>
  );
}

/** The query before the mistake, the word that is one, and the rest; a mistake at the end marks a blank. */
export function splitAt(query: string, position: number | null): [string, string | null, string] {
  if (position === null) return ["", null, ""];
  // The server counts characters, JavaScript halves of some of them.
  const from = [...query].slice(0, position).join("").length;
  const token = readTokens(query).find((found) => found.from <= from && from < found.to);
  const to = token?.to ?? from + 1;
  return [query.slice(0, from), query.slice(from, to) || "\u00a0", query.slice(to)];
}
