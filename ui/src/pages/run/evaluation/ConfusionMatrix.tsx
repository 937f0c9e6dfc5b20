import { SegmentedControl, Text } from "@mantine/core";
import { type KeyboardEvent, memo, useCallback, useMemo, useRef, useState } from "react";
import { formatCount, formatNumber } from "~/format/number";
import { useAddress } from "~/state/address";
import classes from "./ConfusionMatrix.module.css";
import {
  type ConfusionCell,
  classAt,
  describeCell,
  findLargest,
  nameRows,
  readCell,
  shadeOf,
} from "./confusion";
import type { ClassName, ConfusionCounts } from "./report";

interface ConfusionMatrixProps {
  matrix: ConfusionCounts;
  onPair: (label: ClassName, prediction: ClassName) => void;
}

/**
 * Labels down, predictions across. One cell is reached by Tab, the others by the arrow keys; what is pointed at is
 * told below, and a cell of errors leads to them.
 */
export function ConfusionMatrix({ matrix, onPair }: ConfusionMatrixProps) {
  const [shown, setShown] = useAddress("counts", "counts");
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const [pointed, setPointed] = useState<ConfusionCell | null>(null);
  const table = useRef<HTMLTableElement>(null);
  const names = useMemo(() => nameRows(matrix), [matrix]);
  const largest = useMemo(() => findLargest(matrix), [matrix]);
  const focus = useCallback((cell: ConfusionCell) => {
    setAt([cell.row, cell.column]);
    setPointed(cell);
  }, []);

  const move = (event: KeyboardEvent) => {
    const step = STEPS.get(event.key);
    if (step === undefined) return;
    event.preventDefault();
    const clamp = (value: number) => Math.min(Math.max(value, 0), names.length - 1);
    const next = [clamp(at[0] + step[0]), clamp(at[1] + step[1])] as const;
    setAt(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next[0]}-${next[1]}"]`)?.focus();
  };
  return (
    <div>
      <SegmentedControl
        aria-label="What the cells show"
        value={shown}
        onChange={setShown}
        data={[
          { value: "counts", label: "Counts" },
          { value: "shares", label: "Share of the label" },
        ]}
        mb="xs"
      />
      <div className={classes.scroll}>
        <table
          ref={table}
          className={classes.matrix}
          aria-label="Confusion matrix: labels down, predictions across"
          onKeyDown={move}
          onMouseLeave={() => setPointed(null)}
        >
          <thead>
            <tr>
              <th scope="col" className={classes.corner}>
                label ↓ predicted →
              </th>
              {names.map((name) => (
                <th key={name} scope="col" title={name}>
                  <span className={classes.column}>{name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name, row) => (
              <CellRow
                key={name}
                {...{ matrix, row, names, largest, shown, onPair }}
                active={at[0] === row ? at[1] : null}
                onFocus={focus}
                onPoint={setPointed}
              />
            ))}
          </tbody>
        </table>
      </div>
      <Text size="sm" c="dimmed" mt="xs" mih={20} className="ml-wrap" aria-hidden="true">
        {pointed
          ? `${describeCell(names, pointed)}${pointed.isRight || pointed.count === 0 ? "" : "; choose it to see them"}`
          : "Point at a cell, or move with the arrow keys. A cell of errors leads to its rows."}
      </Text>
    </div>
  );
}

interface CellRowProps {
  matrix: ConfusionCounts;
  row: number;
  names: readonly string[];
  largest: ReturnType<typeof findLargest>;
  shown: string;
  /** The column of the cell that Tab reaches, if it is in this row. */
  active: number | null;
  onFocus: (cell: ConfusionCell) => void;
  onPoint: (cell: ConfusionCell) => void;
  onPair: ConfusionMatrixProps["onPair"];
}

/** There may be thousands of cells, so a row is drawn anew only if something of it changes. */
const CellRow = memo(function CellRow({ matrix, row, names, shown, active, ...rest }: CellRowProps) {
  const { largest, onFocus, onPoint, onPair } = rest;
  const open = (cell: ConfusionCell) => {
    const [label, prediction] = [classAt(matrix, cell.row), classAt(matrix, cell.column)];
    if (label !== null && prediction !== null && !cell.isRight && cell.count > 0) onPair(label, prediction);
  };
  return (
    <tr>
      <th scope="row" title={names[row]}>
        <span className={classes.row}>{names[row]}</span>
      </th>
      {names.map((name, column) => {
        const cell = readCell(matrix, row, column);
        const shade = shown === "shares" ? (cell.share ?? 0) : shadeOf(cell, largest);
        return (
          <td key={name}>
            <button
              type="button"
              data-cell={`${row}-${column}`}
              data-right={cell.isRight}
              className={classes.cell}
              style={{ "--shade": shade.toFixed(3) } as React.CSSProperties}
              tabIndex={active === column ? 0 : -1}
              aria-label={describeCell(names, cell)}
              onFocus={() => onFocus(cell)}
              onMouseEnter={() => onPoint(cell)}
              onClick={() => open(cell)}
            >
              {showCell(cell, shown)}
            </button>
          </td>
        );
      })}
    </tr>
  );
});

const STEPS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["ArrowUp", [-1, 0]],
  ["ArrowDown", [1, 0]],
  ["ArrowLeft", [0, -1]],
  ["ArrowRight", [0, 1]],
]);

function showCell(cell: ConfusionCell, shown: string): string {
  if (cell.count === 0) return "·";
  if (shown === "counts") return formatCount(cell.count);
  return cell.share === null ? "" : `${formatNumber(100 * cell.share, 2)} %`;
}
