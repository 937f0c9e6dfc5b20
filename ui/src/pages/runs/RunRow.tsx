import { memo } from "react";
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

interface RunRowProps {
  index: number;
  row: Row | undefined;
  places: readonly CellPlace[];
  /** Cells between the pinned ones and the first that is drawn, left out because they are out of sight. */
  gap: number;
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
export const RunRow = memo(function RunRow({ index, row, places, gap, width, fields, ...of }: RunRowProps) {
  const { actions } = of;
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
      {places.map((place, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: one moves by rows
        // biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns
        <div
          key={place.field}
          role="gridcell"
          aria-colindex={place.index + 1}
          className={cellClass(place)}
          style={{
            width: place.width,
            left: place.stays ?? undefined,
            marginLeft: gap > 0 && place.stays === null && places[at - 1]?.stays !== null ? gap : undefined,
          }}
        >
          {row === undefined ? (
            <div className={classes.waiting} />
          ) : place.field === NAME_FIELD ? (
            <NameCell
              row={row}
              href={actions.hrefOf(row.run.run_id)}
              isChosen={of.isChosen}
              onChoose={(isRange) => actions.choose(index, isRange)}
              onShowNested={actions.showNested}
            />
          ) : (
            <RunCell row={row} place={place} fields={fields} />
          )}
        </div>
      ))}
    </div>
  );
});

function cellClass(place: CellPlace): string {
  return [
    classes.cell,
    place.field === NAME_FIELD && classes.name,
    place.isNumeric && classes.number,
    place.stays !== null && classes.pinned,
    place.isLastPinned && classes.lastPinned,
  ]
    .filter(Boolean)
    .join(" ");
}
