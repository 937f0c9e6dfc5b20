import { Chip, Group } from "@mantine/core";
import { useMe } from "~/app/me";
import { quoteText } from "~/format/query";
import { hasClause, toggleClause } from "./clauses";

const STATES = ['status = "running"', 'status = "failed"'] as const;
const COMMON = [
  ["Running", STATES[0]],
  ["Failed", STATES[1]],
  ["Last 7 days", 'started_at > "-7d"'],
] as const;

/** Filters that are wanted often: each puts its condition into the query, or takes it out. */
export function QuickFilters({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const { data: me } = useMe();
  const mine = me?.login && me.name ? ([["Mine", `user = ${quoteText(me.name)}`]] as const) : [];
  return (
    <Group gap={6} role="group" aria-label="Common filters">
      {[...COMMON, ...mine].map(([label, clause]) => (
        <Chip
          key={label}
          size="xs"
          checked={hasClause(query, clause)}
          onChange={() => onQuery(toggleClause(query, clause, insteadOf(clause)))}
        >
          {label}
        </Chip>
      ))}
    </Group>
  );
}

/** A run is in one state at a time. */
function insteadOf(clause: string): string[] {
  const isState = STATES.some((state) => state === clause);
  return isState ? STATES.filter((state) => state !== clause) : [];
}
