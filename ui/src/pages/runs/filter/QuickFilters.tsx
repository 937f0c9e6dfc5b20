import { Chip, Group } from "@mantine/core";
import { useMe } from "~/app/me";
import { quoteText } from "~/format/query";
import { hasClause, toggleClause } from "./clauses";

const COMMON = [
  ["Running", 'status = "running"'],
  ["Failed", 'status = "failed"'],
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
          onChange={() => onQuery(toggleClause(query, clause))}
        >
          {label}
        </Chip>
      ))}
    </Group>
  );
}
