import { Button, Group, Table, Text } from "@mantine/core";
import { ErrorState } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import { formatCount } from "~/format/number";
import { useProject } from "~/state/address";
import { useCompareAddress } from "../address";
import { MAX_COMPARED } from "../comparison";
import { nameGroup } from "./groupName";
import classes from "./pick.module.css";
import { type RunGroup, useSeedGroups } from "./queries";

/** Runs of a group in a comparison; fewer say nothing about how much seeds matter. */
const FEWEST = 3;
const MOST_SHOWN = 20;

/** Runs that differ by their seed alone, to be chosen together; two groups are compared as groups. */
export function SeedGroups({ query, chosen }: { query: string; chosen: readonly string[] }) {
  const found = useSeedGroups(query, useProject());
  // A server without the packages for it has none to offer, and the runs above are enough.
  if (found.isError && query === "")
    return <ErrorState error={found.error} what="Finding seed groups" retry={() => found.refetch()} />;
  const groups = (found.data?.groups ?? []).filter((group) => group.run_ids.length >= FEWEST);
  if (groups.length === 0) return null;
  return (
    <Section title="Seed groups">
      <WideTable label="Groups to choose from" minWidth={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Group</Table.Th>
            <Table.Th className="ml-number">Runs</Table.Th>
            <Table.Th>Seeds</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups.slice(0, MOST_SHOWN).map((group) => (
            <GroupRow key={group.group_id} group={group} groups={groups} chosen={chosen} />
          ))}
        </Table.Tbody>
      </WideTable>
      {groups.length > MOST_SHOWN && (
        <Text size="xs" c="dimmed">
          The first {MOST_SHOWN} of {formatCount(groups.length)} groups; a query finds others.
        </Text>
      )}
    </Section>
  );
}

interface GroupRowProps {
  group: RunGroup;
  groups: readonly RunGroup[];
  chosen: readonly string[];
}

function GroupRow({ group, groups, chosen }: GroupRowProps) {
  const { change } = useCompareAddress();
  const ids = group.run_ids.slice(0, MAX_COMPARED);
  const isChosen = ids.every((id) => chosen.includes(id));
  const others = chosen.filter((id) => !ids.includes(id));
  const name = nameGroup(group, groups);
  return (
    <Table.Tr>
      <Table.Td>
        <span className={classes.key}>
          {name.map(({ field, value }) => (
            <span key={field} className="ml-wrap">
              {field} <b>{value}</b>
            </span>
          ))}
        </span>
      </Table.Td>
      <Table.Td className="ml-number">{formatCount(group.n)}</Table.Td>
      <Table.Td>
        {group.seeds
          .slice(0, 12)
          .map((seed) => seed ?? "?")
          .join(", ")}
        {group.seeds.length > 12 && " …"}
      </Table.Td>
      <Table.Td>
        <Group justify="flex-end">
          <Button
            variant={isChosen ? "light" : "default"}
            aria-pressed={isChosen}
            aria-label={`${isChosen ? "Take out" : "Add"} the group ${name.map(({ value }) => value).join(", ")}`}
            onClick={() => change({ run: isChosen ? others : [...others, ...ids], pick: "1" })}
          >
            {isChosen ? "Take out" : "Add"}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
