import { Button, Checkbox, Group, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";
import { mayAdminister, mayWrite, useMe } from "~/app/me";
import { useProjects } from "~/app/projects";
import { type Trashable, useTrash } from "~/components/useTrash";
import { WideTable } from "~/components/WideTable";
import { countOf, MISSING } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { type TrashItem, useDeleters } from "./queries";

const keyOf = ({ kind, id }: TrashItem) => `${kind} ${id}`;
const toTrashable = (item: TrashItem): Trashable => ({
  kind: item.kind,
  id: item.id,
  label: item.name ?? item.id,
});

interface TrashTableProps {
  items: readonly TrashItem[];
  onPurge: (items: readonly TrashItem[]) => void;
}

/** What is in the trash, to pick from, restore and purge. */
export function TrashTable({ items, onPurge }: TrashTableProps) {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const { restore } = useTrash();
  const { data: me } = useMe();
  const isTeam = me?.login === true && mayAdminister(me);
  const deleters = useDeleters(isTeam);
  // What others have restored or purged meanwhile is no longer picked.
  const chosen = items.filter((item) => picked.has(keyOf(item)));
  const pick = (item: TrashItem, isPicked: boolean) => {
    const next = new Set(picked);
    if (isPicked) next.add(keyOf(item));
    else next.delete(keyOf(item));
    setPicked(next);
  };
  const bringBack = (wanted: readonly TrashItem[]) => restore(wanted.map(toTrashable));
  return (
    <Stack gap="sm">
      <PickedBar
        nAll={items.length}
        chosen={chosen}
        onRestore={() => bringBack(chosen)}
        onPurge={mayAdminister(me) ? () => onPurge(chosen) : null}
      />
      <WideTable label="Trash" minWidth={720}>
        <TrashHead
          isPicked={chosen.length === items.length ? true : chosen.length > 0 ? "some" : false}
          onPickAll={(areAll) => setPicked(areAll ? new Set(items.map(keyOf)) : new Set())}
          hasDeleter={isTeam}
        />
        <Table.Tbody>
          {items.map((item) => (
            <TrashRow
              key={keyOf(item)}
              item={item}
              by={isTeam ? (deleters.get(keyOf(item)) ?? MISSING) : null}
              isPicked={picked.has(keyOf(item))}
              onPick={(isPicked) => pick(item, isPicked)}
              onRestore={mayWrite(me, item.project_id) ? () => void bringBack([item]) : null}
            />
          ))}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}

interface PickedBarProps {
  nAll: number;
  chosen: readonly TrashItem[];
  onRestore: () => Promise<unknown>;
  onPurge: (() => void) | null;
}

function PickedBar({ nAll, chosen, onRestore, onPurge }: PickedBarProps) {
  const [isBusy, setBusy] = useState(false);
  const restore = async () => {
    setBusy(true);
    await onRestore();
    setBusy(false);
  };
  return (
    <Group gap="sm" mih={30}>
      <Text size="sm" c="dimmed" role="status">
        {chosen.length > 0 ? `${countOf(chosen.length, "item")} picked` : countOf(nAll, "item")}
      </Text>
      {chosen.length > 0 && (
        <>
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={15} />}
            loading={isBusy}
            onClick={() => void restore()}
          >
            Restore
          </Button>
          {onPurge && (
            <Button variant="default" c="var(--ml-worse)" onClick={onPurge}>
              Purge
            </Button>
          )}
        </>
      )}
    </Group>
  );
}

interface TrashHeadProps {
  isPicked: boolean | "some";
  onPickAll: (areAll: boolean) => void;
  hasDeleter: boolean;
}

function TrashHead({ isPicked, onPickAll, hasDeleter }: TrashHeadProps) {
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th w={40}>
          <Checkbox
            size="xs"
            aria-label="Pick all"
            checked={isPicked === true}
            indeterminate={isPicked === "some"}
            onChange={() => onPickAll(isPicked !== true)}
          />
        </Table.Th>
        <Table.Th>Name</Table.Th>
        <Table.Th>Kind</Table.Th>
        <Table.Th>Project</Table.Th>
        <Table.Th>With it</Table.Th>
        {hasDeleter && <Table.Th>By</Table.Th>}
        <Table.Th className="ml-number">Deleted</Table.Th>
        <Table.Th w={110}>
          <VisuallyHidden>Restore</VisuallyHidden>
        </Table.Th>
      </Table.Tr>
    </Table.Thead>
  );
}

interface TrashRowProps {
  item: TrashItem;
  /** Who deleted it; `null` where there is only one person. */
  by: string | null;
  isPicked: boolean;
  onPick: (isPicked: boolean) => void;
  onRestore: (() => void) | null;
}

function TrashRow({ item, by, isPicked, onPick, onRestore }: TrashRowProps) {
  const projects = useProjects();
  const project = projects.data?.items.find(({ project_id }) => project_id === item.project_id);
  const label = item.name ?? item.id;
  return (
    <Table.Tr bg={isPicked ? "var(--ml-accent-soft)" : undefined}>
      <Table.Td>
        <Checkbox
          size="xs"
          aria-label={`Pick ${label}`}
          checked={isPicked}
          onChange={(event) => onPick(event.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Td maw={{ base: 190, sm: 340 }}>
        <div className="ml-text">{label}</div>
        {item.name !== null && (
          <Text size="xs" c="dimmed" className="ml-text ml-mono">
            {item.id}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{item.kind}</Table.Td>
      <Table.Td maw={200} className="ml-text">
        {item.kind === "project" ? MISSING : (project?.name ?? item.project_id ?? MISSING)}
      </Table.Td>
      <Table.Td>{sayCompany(item)}</Table.Td>
      {by !== null && (
        <Table.Td maw={160} className="ml-text">
          {by}
        </Table.Td>
      )}
      <Table.Td className="ml-number" title={formatMoment(item.deleted_at)}>
        {formatAgo(item.deleted_at)}
      </Table.Td>
      <Table.Td className="ml-number">
        {onRestore && (
          <Button variant="subtle" aria-label={`Restore ${label}`} onClick={onRestore}>
            Restore
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** What went with it and comes back with it, itself not counted. */
function sayCompany({ kind, n_runs, n_datasets }: TrashItem): string {
  const runs = n_runs - (kind === "run" ? 1 : 0);
  const datasets = n_datasets - (kind === "dataset" ? 1 : 0);
  const said = [runs > 0 && countOf(runs, "run"), datasets > 0 && countOf(datasets, "dataset")].filter(
    Boolean,
  );
  return said.join(", ") || MISSING;
}
