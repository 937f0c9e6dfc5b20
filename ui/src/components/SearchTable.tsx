import { Box, Group, Text, VisuallyHidden } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { countOf, formatCount } from "~/format/number";
import { SearchField } from "./SearchField";
import classes from "./SearchTable.module.css";

const ROW_HEIGHT = 30;

export interface SearchColumn<Item> {
  label: string;
  /** A track of a grid: "1fr", "90px", "minmax(120px, 2fr)". */
  width: string;
  isNumber?: boolean;
  /** Its label is for those who hear the page. */
  isLabelHidden?: boolean;
  cell: (item: Item) => ReactNode;
}

interface SearchTableProps<Item> {
  label: string;
  /** What one of them is called: "param". */
  noun: string;
  items: readonly Item[];
  columns: readonly SearchColumn<Item>[];
  keyOf: (item: Item) => string;
  /** What the search looks in. */
  textOf: (item: Item) => string;
  actions?: ReactNode;
  minWidth?: number;
  maxHeight?: number;
}

/** A list of things to search in; of thousands, only those that are seen are drawn. */
export function SearchTable<Item>({
  label,
  noun,
  items,
  columns,
  keyOf,
  textOf,
  actions,
  minWidth = 300,
  maxHeight = 420,
}: SearchTableProps<Item>) {
  const [search, setSearch] = useState("");
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return items.filter((item) => {
      const text = textOf(item).toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [items, search, textOf]);
  return (
    <div>
      <Group gap="sm" mb="xs">
        <SearchField
          label={`Search in ${label.toLowerCase()}`}
          placeholder={`Search ${countOf(items.length, noun)}`}
          value={search}
          onSearch={setSearch}
          w={240}
        />
        {search !== "" && (
          <Text size="sm" c="dimmed" role="status">
            {formatCount(found.length)} of {formatCount(items.length)}
          </Text>
        )}
        {actions}
      </Group>
      {found.length === 0 ? (
        <Text size="sm" c="dimmed">
          No {noun} has “{search}” in it.
        </Text>
      ) : (
        <Rows
          items={found}
          label={label}
          columns={columns}
          keyOf={keyOf}
          minWidth={minWidth}
          maxHeight={maxHeight}
        />
      )}
    </div>
  );
}

type RowsProps<Item> = Pick<SearchTableProps<Item>, "label" | "items" | "columns" | "keyOf"> & {
  minWidth: number;
  maxHeight: number;
};

function Rows<Item>({ label, items, columns, keyOf, minWidth, maxHeight }: RowsProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const grid = { gridTemplateColumns: columns.map(({ width }) => width).join(" ") };
  const classOf = (column: SearchColumn<Item>) => (column.isNumber ? "ml-number" : "ml-text");
  return (
    // Roles rather than a <table>, whose rows cannot be placed one by one.
    <Box
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight }}
      role="table"
      aria-label={label}
      aria-rowcount={items.length + 1}
      tabIndex={0}
    >
      <Box style={{ minWidth }}>
        <Box role="row" aria-rowindex={1} className={`${classes.row} ${classes.head}`} style={grid}>
          {columns.map((column) => (
            <Box key={column.label} role="columnheader" className={classOf(column)}>
              {column.isLabelHidden ? <VisuallyHidden>{column.label}</VisuallyHidden> : column.label}
            </Box>
          ))}
        </Box>
        <Box role="rowgroup" style={{ position: "relative", height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            if (item === undefined) return null;
            return (
              <Box
                key={keyOf(item)}
                role="row"
                aria-rowindex={index + 2}
                className={`${classes.row} ${classes.placed}`}
                style={{ ...grid, transform: `translateY(${start}px)` }}
              >
                {columns.map((column) => (
                  <Box key={column.label} role="cell" className={classOf(column)}>
                    {column.cell(item)}
                  </Box>
                ))}
              </Box>
            );
          })}
        </Box>
      </Box>
    </Box>
  );
}
