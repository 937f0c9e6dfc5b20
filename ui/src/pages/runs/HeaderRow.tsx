import { Menu, Tooltip } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconDotsVertical,
  IconEyeOff,
  IconPin,
  IconPinnedOff,
} from "@tabler/icons-react";
import { type KeyboardEvent, memo, useRef, useState } from "react";
import * as columnsOf from "./columns";
import classes from "./grid.module.css";
import type { CellPlace, ColumnHeader, ColumnTable } from "./useColumnTable";

/** What can be done with columns, from the header and from the picker alike. */
export interface ColumnActions {
  set: (columns: columnsOf.Column[]) => void;
  columns: readonly columnsOf.Column[];
}

interface HeaderRowProps extends ColumnActions {
  table: ColumnTable;
  places: readonly CellPlace[];
}

/**
 * The names of the columns. One of them is reached by Tab, the others from it with the arrows; Alt and an
 * arrow moves a column, Alt, Shift and an arrow makes it wider or narrower.
 */
export const HeaderRow = memo(function HeaderRow({ table, places, ...actions }: HeaderRowProps) {
  const [current, setCurrent] = useState(0);
  const row = useRef<HTMLDivElement>(null);
  const headers = table.getFlatHeaders();
  const at = Math.min(current, headers.length - 1);
  const width = places.reduce((sum, place) => sum + place.width, 0);

  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const field = headers[at]?.column.id;
    if (by === 0 || field === undefined || !(event.target as Element).matches("[data-sort]")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey && event.shiftKey) return widen(actions, field, by * 16);
    const to = Math.min(Math.max(at + by, 0), headers.length - 1);
    if (event.altKey) {
      const moved = columnsOf.moveColumn(actions.columns, field, by);
      actions.set(moved);
      return setCurrent(moved.findIndex((column) => column.field === field));
    }
    setCurrent(to);
    row.current?.querySelectorAll<HTMLElement>("[data-sort]")[to]?.focus();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns
    <div
      className={classes.head}
      style={{ width }}
      role="row"
      aria-rowindex={1}
      ref={row}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {headers.map((header, index) => {
        const place = places[index];
        return (
          place && (
            <HeaderCell
              key={header.id}
              header={header}
              place={place}
              index={index}
              isCurrent={index === at}
              isOneOfMany={table.state.sorting.length > 1}
              onFocus={() => setCurrent(index)}
              {...actions}
            />
          )
        );
      })}
    </div>
  );
});

function widen({ columns, set }: ColumnActions, field: string, by: number): void {
  const { MIN_WIDTH, MAX_WIDTH, widthOf } = columnsOf;
  set(
    columns.map((column) =>
      column.field === field
        ? { ...column, width: Math.min(Math.max(widthOf(column) + by, MIN_WIDTH), MAX_WIDTH) }
        : column,
    ),
  );
}

interface HeaderCellProps extends ColumnActions {
  header: ColumnHeader;
  place: CellPlace;
  index: number;
  isCurrent: boolean;
  /** Whether other columns are sorted by too. */
  isOneOfMany: boolean;
  onFocus: () => void;
}

const SORT_WORDS = { asc: "ascending", desc: "descending" } as const;

function HeaderCell({ header, place, index, isCurrent, isOneOfMany, onFocus, ...actions }: HeaderCellProps) {
  const [isOver, setOver] = useState(false);
  const { column } = header;
  const sorted = column.getIsSorted();
  const { label, detail } = columnsOf.describeColumn(column.id);
  const isName = column.id === columnsOf.NAME_FIELD;
  const style =
    place.stays === null
      ? { width: place.width }
      : { width: place.width, position: "sticky" as const, left: place.stays, zIndex: 2 };
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the button within has the focus
    // biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns
    <div
      role="columnheader"
      aria-colindex={index + 1}
      aria-sort={sorted ? SORT_WORDS[sorted] : column.getCanSort() ? "none" : undefined}
      className={`${classes.headCell} ${place.isNumeric ? classes.numeric : ""} ${place.isLastPinned ? classes.lastPinned : ""}`}
      style={style}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        if (isName || !event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        actions.set(columnsOf.dropColumn(actions.columns, event.dataTransfer.getData(DRAGGED), column.id));
      }}
    >
      <Tooltip label={detail} openDelay={600} maw={420} multiline>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: to drag with the mouse; Alt and arrows do the same */}
        <div
          className={classes.grip}
          draggable={!isName}
          onDragStart={(event) => event.dataTransfer.setData(DRAGGED, column.id)}
        >
          <button
            type="button"
            data-sort
            className={classes.sort}
            tabIndex={isCurrent ? 0 : -1}
            onFocus={onFocus}
            onClick={column.getCanSort() ? column.getToggleSortingHandler() : undefined}
          >
            <span className="ml-text">{label}</span>
            <SortMark header={header} isOneOfMany={isOneOfMany} />
          </button>
        </div>
      </Tooltip>
      <ColumnMenu header={header} label={label} isCurrent={isCurrent} onFocus={onFocus} {...actions} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; Alt, Shift and arrows do the same */}
      <div
        className={classes.resize}
        data-on={column.getIsResizing() || undefined}
        onMouseDown={header.getResizeHandler()}
        onTouchStart={header.getResizeHandler()}
        onDoubleClick={() =>
          actions.set(actions.columns.map((c) => (c.field === column.id ? { ...c, width: undefined } : c)))
        }
      />
    </div>
  );
}

const DRAGGED = "application/x-modellab-column";

function SortMark({ header, isOneOfMany }: { header: ColumnHeader; isOneOfMany: boolean }) {
  const sorted = header.column.getIsSorted();
  if (!sorted) return null;
  const Icon = sorted === "desc" ? IconArrowDown : IconArrowUp;
  return (
    <>
      <Icon size={13} style={{ flex: "none", color: "var(--ml-accent)" }} aria-hidden />
      {isOneOfMany && <span style={{ fontSize: 10 }}>{header.column.getSortIndex() + 1}</span>}
    </>
  );
}

interface ColumnMenuProps extends ColumnActions {
  header: ColumnHeader;
  label: string;
  isCurrent: boolean;
  onFocus: () => void;
}

const ColumnMenu = memo(function ColumnMenu({
  header,
  label,
  isCurrent,
  onFocus,
  columns,
  set,
}: ColumnMenuProps) {
  const { column } = header;
  const field = column.id;
  const isName = field === columnsOf.NAME_FIELD;
  const isPinned = column.getIsPinned() === "start";
  const pin = () =>
    set(columnsOf.inPlace(columns.map((c) => (c.field === field ? { ...c, isPinned: !isPinned } : c))));
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button
          type="button"
          className={classes.menu}
          tabIndex={isCurrent ? 0 : -1}
          onFocus={onFocus}
          aria-label={`Column ${label}`}
        >
          <IconDotsVertical size={13} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {column.getCanSort() && (
          <>
            <Menu.Item leftSection={<IconArrowUp size={15} />} onClick={() => column.toggleSorting(false)}>
              Smallest or first on top
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowDown size={15} />} onClick={() => column.toggleSorting(true)}>
              Largest or last on top
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        {!isName && (
          <>
            <Menu.Item
              leftSection={isPinned ? <IconPinnedOff size={15} /> : <IconPin size={15} />}
              onClick={pin}
            >
              {isPinned ? "Let it scroll" : "Pin to the left"}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowLeft size={15} />}
              onClick={() => set(columnsOf.moveColumn(columns, field, -1))}
            >
              Move left
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowRight size={15} />}
              onClick={() => set(columnsOf.moveColumn(columns, field, 1))}
            >
              Move right
            </Menu.Item>
            <Menu.Item
              leftSection={<IconEyeOff size={15} />}
              onClick={() => set(columns.filter((c) => c.field !== field))}
            >
              Hide
            </Menu.Item>
          </>
        )}
        <Menu.Item onClick={() => widen({ columns, set }, field, 48)}>Wider</Menu.Item>
        <Menu.Item onClick={() => widen({ columns, set }, field, -48)}>Narrower</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
});
