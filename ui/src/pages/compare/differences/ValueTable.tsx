import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { RunLink } from "~/components/RunLink";
import { formatCount } from "~/format/number";
import type { Side } from "../comparison";
import classes from "./differences.module.css";
import { formatValue, type Row, rankValues } from "./listing";

interface ValueTableProps {
  title: string;
  rows: readonly Row[];
  runIds: readonly string[];
  sides: ReadonlyMap<string, Side>;
}

const FIRST = 100;
const LONGEST = 2000;

/** Names down, runs across; in a row, values other than the commonest are marked. */
export function ValueTable({ title, rows, runIds, sides }: ValueTableProps) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FIRST);
  return (
    <Stack gap="xs">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={`${title} by run`}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              {runIds.map((id) => (
                <th key={id} scope="col">
                  <RunLink run={{ run_id: id, name: sides.get(id)?.label }} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <ValueRow key={row.name} row={row} runIds={runIds} />
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > FIRST && (
        <div>
          <Button variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? `Show the first ${FIRST}` : `Show all ${formatCount(rows.length)}`}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function ValueRow({ row, runIds }: { row: Row; runIds: readonly string[] }) {
  const ranks = rankValues(row);
  return (
    <tr className={row.differs ? undefined : classes.same}>
      <th scope="row" className="ml-wrap">
        {row.name}
      </th>
      {runIds.map((id) => (
        <td key={id} className={`${classes.value} ${(ranks.get(id) ?? 0) > 0 ? classes.odd : ""}`}>
          {row.values.has(id) ? (
            <span className={classes.text}>{formatValue(row.values.get(id)).slice(0, LONGEST)}</span>
          ) : (
            <Text size="xs" c="dimmed">
              not set
            </Text>
          )}
        </td>
      ))}
    </tr>
  );
}
