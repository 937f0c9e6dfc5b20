import { Text } from "@mantine/core";
import type { Problem } from "~/api/client";
import classes from "./filter.module.css";
import { splitAt } from "./mistake";

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
