import { type CSSProperties, memo } from "react";
import { NAME_FIELD } from "./columns";
import classes from "./grid.module.css";
import { NameCell, RunCell } from "./RunCell";
import type { Row } from "./rows";
import type { CellPlace } from "./useColumnTable";

export interface RowActions {
  choose: (index: number, isRange: boolean) => void;
  activate: (index: number) => void;
  showNested: (parentId: string) => void;
  hrefOf: (runId: string) => string;
}

/** A column as it is drawn in every row: made once, because there are thousands of cells. */
export interface DrawnColumn {
  place: CellPlace;
  className: string;
  style: CSSProperties;
}

/** The columns that are drawn; `gap` is as wide as those left out before the first that scrolls. */
export function drawColumns(places: readonly CellPlace[], gap: number): DrawnColumn[] {
  const firstThatScrolls = places.findIndex(({ stays }) => stays === null);
  return places.map((place, at) => ({
    place,
    className: [
      classes.cell,
      place.field === NAME_FIELD && classes.name,
      place.isNumeric && classes.number,
      place.stays !== null && classes.pinned,
      place.isLastPinned && classes.lastPinned,
    ]
      .filter(Boolean)
      .join(" "),
    style: {
      width: place.width,
      ...(place.stays !== null && { left: place.stays }),
      ...(gap > 0 && at === firstThatScrolls && { marginLeft: gap }),
    },
  }));
}

interface RunRowProps {
  index: number;
  row: Row | undefined;
  columns: readonly DrawnColumn[];
  width: number;
  fields: readonly string[];
  top: number;
  height: number;
  isChosen: boolean;
  isActive: boolean;
  actions: RowActions;
}

export function rowId(index: number): string {
  return `run-row-${index}`;
}

/** A run. Until it is read its row stands there in grey, so that nothing moves when it comes. */
export const RunRow = memo(function RunRow({ index, row, columns, width, fields, ...of }: RunRowProps) {
  const { actions } = of;
  // Who drags the scroll bar sees thousands of them pass, so that each is a single cell.
  const shown = row === undefined ? columns.slice(0, 1) : columns;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the active row
    // biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      role="row"
      id={rowId(index)}
      aria-rowindex={index + 2}
      aria-selected={of.isChosen}
      data-active={of.isActive || undefined}
      className={classes.row}
      style={{ transform: `translateY(${of.top}px)`, height: of.height, width }}
      onClick={() => actions.activate(index)}
    >
      {shown.map((column) =>
        row === undefined || column.place.field === NAME_FIELD ? (
          // biome-ignore lint/a11y/useFocusableInteractive: one moves by rows
          // biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns
          <div
            key={column.place.field}
            role="gridcell"
            aria-colindex={column.place.index + 1}
            className={column.className}
            style={column.style}
          >
            {row === undefined ? (
              <span className={classes.waiting} />
            ) : (
              <NameCell
                row={row}
                href={actions.hrefOf(row.run.run_id)}
                isChosen={of.isChosen}
                onChoose={(isRange) => actions.choose(index, isRange)}
                onShowNested={actions.showNested}
              />
            )}
          </div>
        ) : (
          RunCell({ row, column, fields })
        ),
      )}
    </div>
  );
});
