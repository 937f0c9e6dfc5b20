import { Button } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { countOf } from "~/format/number";
import { CurvesContext, useCurves } from "./CurveCell";
import { curveOf, type Fields } from "./columns";
import classes from "./grid.module.css";
import { type ColumnActions, HeaderRow } from "./HeaderRow";
import { type DrawnColumn, drawColumns, type RowActions, RunRow, rowId } from "./RunRow";
import type { Rows } from "./rows";
import type { Chosen } from "./useChosen";
import { type CellPlace, type ColumnTable, useCellPlaces } from "./useColumnTable";
import { type GridKeys, useGridKeys } from "./useGridKeys";
import type { RunRows } from "./useRunRows";

const HEAD_HEIGHT = 34;
const ROWS_BEFORE = 8;
/** With more columns than this only those in sight are drawn. */
const MANY_COLUMNS = 30;

/** Where one is in the table, for what lives outside of it. */
export interface GridHandle {
  toTop: () => void;
  /** Whether new rows may be put at the top without moving what a person looks at or points to. */
  isIdleAtTop: () => boolean;
}

export interface RunsGridProps {
  handle: RefObject<GridHandle | null>;
  table: ColumnTable;
  columns: ColumnActions;
  fields: Fields | undefined;
  found: RunRows;
  rows: Rows;
  chosen: Chosen;
  rowHeight: number;
  hrefOf: (runId: string) => string;
  showNested: (parentId: string) => void;
  keys: Pick<GridKeys, "open" | "chooseAll" | "clear" | "compare" | "focusFilter">;
}

/** The table of runs: a grid of which only the rows and columns in sight are drawn. */
export function RunsGrid(props: RunsGridProps) {
  const { table, rows, found, chosen, rowHeight } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const places = useCellPlaces(table, props.fields);
  const isPointedAt = useRef(false);
  useImperativeHandle(props.handle, () => ({
    toTop: () => {
      scroller.current?.scrollTo({ top: 0 });
      setActive(0);
    },
    isIdleAtTop: () => {
      const grid = scroller.current;
      return (
        grid !== null && grid.scrollTop < 1 && !isPointedAt.current && !grid.contains(document.activeElement)
      );
    },
  }));
  const virtual = useVirtualizer({
    count: rows.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: ROWS_BEFORE,
    scrollPaddingStart: HEAD_HEIGHT,
    scrollMargin: HEAD_HEIGHT,
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another density measures anew
  useEffect(() => virtual.measure(), [rowHeight]);

  const { choose } = chosen;
  const onKeyDown = useGridKeys({
    ...props.keys,
    active,
    total: rows.total,
    pageSize: Math.max(Math.floor((virtual.scrollRect?.height ?? 0) / rowHeight) - 2, 1),
    move: (index) => {
      setActive(index);
      virtual.scrollToIndex(index);
      scroller.current?.focus({ preventScroll: true });
    },
    choose: (index, isRange) => void choose(index, isRange),
  });
  const actions = useMemo<RowActions>(
    () => ({
      choose: (index, isRange) => void choose(index, isRange),
      activate: setActive,
      showNested: props.showNested,
      hrefOf: props.hrefOf,
    }),
    [choose, props.showNested, props.hrefOf],
  );
  const items = virtual.getVirtualItems();
  const nInSight = Math.ceil((virtual.scrollRect?.height ?? 0) / rowHeight);
  const isActiveDrawn = items.some(({ index }) => index === active);
  return (
    <div className={classes.frame}>
      <News found={found} onShow={() => scroller.current?.scrollTo({ top: 0 })} />
      {/* biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows */}
      <div
        ref={scroller}
        className={`${classes.grid} ${found.isOld ? classes.old : ""}`}
        role="grid"
        tabIndex={0}
        aria-label="Runs"
        aria-rowcount={rows.total + 1}
        aria-colcount={places.length}
        aria-multiselectable="true"
        aria-busy={found.isOld}
        aria-activedescendant={isActiveDrawn ? rowId(active) : undefined}
        onKeyDown={onKeyDown}
        onPointerEnter={() => {
          isPointedAt.current = true;
        }}
        onPointerLeave={() => {
          isPointedAt.current = false;
        }}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns */}
        <div role="rowgroup" style={{ display: "contents" }}>
          <HeaderRow table={table} places={places} {...props.columns} />
        </div>
        <GridBody
          {...{ rows, places, chosen, actions, active, items, rowHeight, scroller }}
          nDrawn={Math.max(nInSight + 2 * ROWS_BEFORE + 2, items.length)}
          see={found.see}
          height={virtual.getTotalSize()}
        />
      </div>
    </div>
  );
}

interface GridBodyProps extends Pick<RunsGridProps, "rows" | "chosen" | "rowHeight"> {
  places: readonly CellPlace[];
  actions: RowActions;
  active: number;
  items: readonly { index: number; start: number }[];
  height: number;
  /** At most so many rows are drawn at a time. */
  nDrawn: number;
  scroller: RefObject<HTMLDivElement | null>;
  see: RunRows["see"];
}

function GridBody({ rows, places, chosen, actions, active, items, see, height, ...of }: GridBodyProps) {
  const from = items[0]?.index ?? 0;
  const to = (items.at(-1)?.index ?? -1) + 1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that come in may leave a gap in sight
  useEffect(() => see(from, to), [see, from, to, rows]);
  const metrics = useMemo(() => places.flatMap(({ field }) => curveOf(field) ?? []), [places]);
  const curves = useCurves(rows, metrics, from, to);
  const columns = useDrawnColumns(places, of.scroller);
  const width = places.reduce((sum, place) => sum + place.width, 0);
  return (
    <CurvesContext value={curves}>
      {/* biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns */}
      <div
        role="rowgroup"
        className={classes.body}
        style={{ height, width, lineHeight: `${of.rowHeight - 1}px` }}
      >
        {items.map(({ index, start }) => {
          const row = rows.list[index];
          return (
            <RunRow
              // Rows that leave at one end come back at the other with another run: cheaper than new ones.
              key={index % of.nDrawn}
              index={index}
              row={row}
              columns={columns}
              width={width}
              fields={rows.fields}
              top={start - HEAD_HEIGHT}
              height={of.rowHeight}
              isChosen={row !== undefined && chosen.ids.has(row.run.run_id)}
              isActive={index === active}
              actions={actions}
            />
          );
        })}
      </div>
    </CurvesContext>
  );
}

/** The columns that are drawn: all of a few; of many those that are pinned and those in sight. */
function useDrawnColumns(
  places: readonly CellPlace[],
  scroller: RefObject<HTMLDivElement | null>,
): readonly DrawnColumn[] {
  const isMany = places.length > MANY_COLUMNS;
  const nPinned = places.filter(({ stays }) => stays !== null).length;
  const pinnedWidth = places.slice(0, nPinned).reduce((sum, { width }) => sum + width, 0);
  const across = useVirtualizer({
    horizontal: true,
    enabled: isMany,
    count: places.length - nPinned,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => places[nPinned + at]?.width ?? 0,
    overscan: 3,
    scrollMargin: pinnedWidth,
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other widths measure anew
  useEffect(() => across.measure(), [places]);
  const items = isMany ? across.getVirtualItems() : [];
  const from = items[0]?.index ?? 0;
  const to = isMany ? (items.at(-1)?.index ?? -1) + 1 : places.length - nPinned;
  return useMemo(() => {
    const drawn = [...places.slice(0, nPinned), ...places.slice(nPinned + from, nPinned + to)];
    const leftOut = places.slice(nPinned, nPinned + from);
    return drawColumns(
      drawn,
      leftOut.reduce((sum, { width }) => sum + width, 0),
    );
  }, [places, nPinned, from, to]);
}

/** New runs, or an order that is old, wait for a person to take them in: nothing moves under the pointer. */
function News({ found, onShow }: { found: RunRows; onShow: () => void }) {
  const take = useCallback(() => {
    found.takeIn();
    onShow();
  }, [found, onShow]);
  if (found.nNew === 0 && !found.isOrderOld) return null;
  return (
    <div className={classes.news} role="status">
      <Button radius="xl" leftSection={<IconArrowUp size={14} />} onClick={take}>
        {found.nNew > 0 ? countOf(found.nNew, "new run") : "Values changed: put in order again"}
      </Button>
    </div>
  );
}
