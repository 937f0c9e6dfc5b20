/** The columns of the table: TanStack Table keeps widths, pins and order of sorting; the address keeps its state. */

import { useMediaQuery } from "@mantine/hooks";
import {
  type ColumnSizingState,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  functionalUpdate,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useEffect, useMemo, useState } from "react";
import {
  type Column,
  curveOf,
  type Fields,
  isLargestFirst,
  isNumeric,
  MAX_WIDTH,
  MIN_WIDTH,
  NAME_FIELD,
  widthOf,
} from "./columns";
import type { RunsView, SortKey } from "./viewState";

const FEATURES = tableFeatures({
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  rowSortingFeature,
});
/** The server has the rows: they are never all here. */
const NO_ROWS: never[] = [];
/** Keys that the server takes. */
const MAX_SORT_KEYS = 8;

interface ColumnTableOptions {
  columns: readonly Column[];
  sort: readonly SortKey[];
  fields: Fields | undefined;
  change: (change: Partial<RunsView>) => void;
}

export type ColumnTable = ReturnType<typeof useColumnTable>;
export type ColumnHeader = ReturnType<ColumnTable["getFlatHeaders"]>[number];

export function useColumnTable({ columns, sort, fields, change }: ColumnTableOptions) {
  const shown = useFitting(columns);
  const [dragged, setDragged] = useState<ColumnSizingState | null>(null);
  const definitions = useMemo(
    () =>
      columns.map(({ field }) => ({
        id: field,
        accessorFn: () => null,
        minSize: MIN_WIDTH,
        maxSize: MAX_WIDTH,
        enableSorting: curveOf(field) === null,
        sortDescFirst: isLargestFirst(field, fields),
      })),
    [columns, fields],
  );
  const sizing = useMemo(
    () => Object.fromEntries(shown.map((column) => [column.field, widthOf(column)])),
    [shown],
  );
  const state = {
    sorting: sort.map(({ field, isDescending }) => ({ id: field, desc: isDescending })),
    columnSizing: dragged ?? sizing,
    columnPinning: { start: shown.filter((c) => c.isPinned).map((c) => c.field), end: [] },
  };
  const table = useTable({
    features: FEATURES,
    columns: definitions,
    data: NO_ROWS,
    state,
    manualSorting: true,
    maxMultiSortColCount: MAX_SORT_KEYS,
    columnResizeMode: "onChange",
    onSortingChange: (updater) =>
      change({
        sort: functionalUpdate(updater, state.sorting).map(({ id, desc }) => ({
          field: id,
          isDescending: desc,
        })),
      }),
    onColumnSizingChange: (updater) => setDragged((before) => functionalUpdate(updater, before ?? sizing)),
  });
  const isResizing = table.state.columnResizing.isResizingColumn !== false;
  useEffect(() => {
    if (dragged === null || isResizing) return;
    setDragged(null);
    change({ columns: columns.map((column) => withWidth(column, dragged[column.field], sizing)) });
  }, [dragged, isResizing, columns, sizing, change]);
  return table;
}

const PHONE_NAME_WIDTH = 176;

/** On a phone only the name stays, and leaves room for what one scrolls to; the address does not change. */
function useFitting(columns: readonly Column[]): readonly Column[] {
  const isPhone = useMediaQuery("(max-width: 48em)");
  return useMemo(() => {
    if (!isPhone) return columns;
    return columns.map((column) =>
      column.field === NAME_FIELD
        ? { ...column, width: Math.min(widthOf(column), PHONE_NAME_WIDTH) }
        : { ...column, isPinned: false },
    );
  }, [columns, isPhone]);
}

/** The column with the width it was given; one that was not touched goes on following its kind. */
function withWidth(column: Column, width: number | undefined, before: ColumnSizingState): Column {
  if (width === undefined || width === before[column.field]) return column;
  return { ...column, width: Math.round(Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH)) };
}

/** What a row must know of a column to place and write its cell. */
export interface CellPlace {
  field: string;
  /** From 0, among all columns. */
  index: number;
  width: number;
  /** From the left edge, where it stays when one scrolls; `null` if it moves along. */
  stays: number | null;
  isLastPinned: boolean;
  isNumeric: boolean;
}

/** The places of a row's cells, the same object until a column changes. */
export function useCellPlaces(table: ColumnTable, fields: Fields | undefined): readonly CellPlace[] {
  const text = JSON.stringify(
    table.getFlatHeaders().map(({ column }, at, headers): CellPlace => {
      const isPinned = column.getIsPinned() === "start";
      return {
        field: column.id,
        index: at,
        width: column.getSize(),
        stays: isPinned ? column.getStart("start") : null,
        isLastPinned: isPinned && headers[at + 1]?.column.getIsPinned() !== "start",
        isNumeric: isNumeric(column.id, fields),
      };
    }),
  );
  return useMemo(() => JSON.parse(text) as CellPlace[], [text]);
}
