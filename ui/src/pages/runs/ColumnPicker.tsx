import { ActionIcon, Button, Group, Popover, ScrollArea, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp, IconColumns3, IconX } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import { SearchField } from "~/components/SearchField";
import { countOf, formatCount } from "~/format/number";
import { readField, writeField } from "~/format/query";
import { useProject } from "~/state/address";
import * as columnsOf from "./columns";
import type { ColumnActions } from "./HeaderRow";
import classes from "./picker.module.css";
import { useFields } from "./queries";

/** Which columns the table has and in which order; any metric, param, tag and field of a run is found here. */
export function ColumnPicker(actions: ColumnActions & { reset: () => void }) {
  return (
    <Popover position="bottom-end" width={640} shadow="md" trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={15} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown maw="calc(100vw - 16px)" p="sm">
        <Picker {...actions} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Picker({ columns, set, reset }: ColumnActions & { reset: () => void }) {
  const project = useProject();
  const [search, setSearch] = useState("");
  const [asked] = useDebouncedValue(search.trim(), 150);
  const [as, setAs] = useState("final");
  const fields = useFields(project, asked).data;
  const toggle = (field: string) => {
    if (columns.some((column) => column.field === field)) set(columns.filter((c) => c.field !== field));
    else if (columns.length < columnsOf.MAX_COLUMNS) set([...columns, { field }]);
  };
  return (
    <div className={classes.picker}>
      <Stack gap="xs" miw={0}>
        <SearchField
          label="Find columns"
          placeholder="Find metrics, params, tags, fields"
          value={search}
          onSearch={setSearch}
          data-autofocus
        />
        <SegmentedControl
          aria-label="Which value of a metric is added"
          value={as}
          onChange={setAs}
          data={METRIC_FORMS}
          fullWidth
        />
        <ScrollArea.Autosize mah={360} type="auto">
          {fields && <Choices {...{ fields, as, search: asked, columns, toggle }} />}
        </ScrollArea.Autosize>
      </Stack>
      <Shown {...{ columns, set, reset }} />
    </div>
  );
}

/** Which summary of a metric becomes a column, or its curve. */
const METRIC_FORMS = ["final", "min", "max", "last", "first", "curve"];

interface ChoicesProps {
  fields: columnsOf.Fields;
  as: string;
  search: string;
  columns: readonly columnsOf.Column[];
  toggle: (field: string) => void;
}

function Choices({ fields, as, search, columns, toggle }: ChoicesProps) {
  const chosen = new Set(columns.map(({ field }) => field));
  const wanted = search.toLowerCase();
  const attributes = [...columnsOf.ATTRIBUTES]
    .filter(
      ([name, { label }]) =>
        name !== columnsOf.NAME_FIELD && `${name} ${label}`.toLowerCase().includes(wanted),
    )
    .map(([name, { label, what }]) => ({ field: name, label, detail: what }));
  const namesOf = (found: columnsOf.Fields["params"]) =>
    found.map(({ field, name, n_runs }) => ({ field, label: name, detail: countOf(n_runs, "run") }));
  const metrics = fields.metrics.map(({ name, n_runs }) => ({
    field: as === "curve" ? columnsOf.curveField(name) : writeField({ kind: "metrics", name, summary: as }),
    label: name,
    detail: countOf(n_runs, "run"),
  }));
  const groups = [
    { title: "Params", items: namesOf(fields.params), total: fields.n_params },
    { title: "Metrics", items: metrics, total: fields.n_metrics },
    { title: "Tags", items: namesOf(fields.tags), total: fields.n_tags },
    { title: "The run", items: attributes, total: attributes.length },
  ].filter(({ items }) => items.length > 0);
  if (groups.length === 0) return <Text size="sm">Nothing is called that.</Text>;
  return groups.map(({ title, items, total }) => (
    <fieldset key={title} className={classes.group}>
      <legend>{title === "Metrics" ? `Metrics: ${as === "curve" ? "curve" : `${as} value`}` : title}</legend>
      {items.map(({ field, label, detail }) => (
        <label key={field} className={classes.choice} title={detail}>
          <input type="checkbox" checked={chosen.has(field)} onChange={() => toggle(field)} />
          <span className="ml-text">{label}</span>
          <small>{title === "The run" ? "" : detail}</small>
        </label>
      ))}
      {total > items.length && (
        <Text size="xs" c="dimmed">
          {formatCount(total - items.length)} more: type a part of the name
        </Text>
      )}
    </fieldset>
  ));
}

const DRAGGED = "application/x-modellab-column";

function Shown({ columns, set, reset }: ColumnActions & { reset: () => void }) {
  const others = columns.filter(({ field }) => field !== columnsOf.NAME_FIELD);
  const drop = (event: DragEvent, onto: string) => {
    event.preventDefault();
    set(columnsOf.dropColumn(columns, event.dataTransfer.getData(DRAGGED), onto));
  };
  return (
    <Stack gap="xs" miw={0}>
      <Group justify="space-between" h={30}>
        <Text size="sm" fw={600}>
          {countOf(others.length, "column")} shown
        </Text>
        <Button variant="subtle" size="compact-xs" onClick={reset}>
          Reset
        </Button>
      </Group>
      <ScrollArea.Autosize mah={396} type="auto">
        <ul className={classes.shown}>
          {others.map((column) => {
            const { label, detail } = columnsOf.describeColumn(column.field);
            const move = (by: number) => set(columnsOf.moveColumn(columns, column.field, by));
            return (
              <li
                key={column.field}
                draggable
                onDragStart={(event) => event.dataTransfer.setData(DRAGGED, column.field)}
                onDragOver={(event) => event.preventDefault()}
                onDrop={(event) => drop(event, column.field)}
              >
                <span className="ml-text" title={detail}>
                  {label}
                </span>
                <small>{column.isPinned ? "pinned" : KINDS.get(readField(column.field).kind)}</small>
                <ActionIcon size="sm" aria-label={`Move ${label} up`} onClick={() => move(-1)}>
                  <IconChevronUp size={14} />
                </ActionIcon>
                <ActionIcon size="sm" aria-label={`Move ${label} down`} onClick={() => move(1)}>
                  <IconChevronDown size={14} />
                </ActionIcon>
                <ActionIcon
                  size="sm"
                  aria-label={`Hide ${label}`}
                  onClick={() => set(columns.filter((c) => c.field !== column.field))}
                >
                  <IconX size={14} />
                </ActionIcon>
              </li>
            );
          })}
        </ul>
      </ScrollArea.Autosize>
    </Stack>
  );
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ["metrics", "metric"],
  ["params", "param"],
  ["tags", "tag"],
  ["datasets", "dataset"],
]);
