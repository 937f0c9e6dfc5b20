import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { formatCount } from "~/format/number";
import classes from "./TablePreview.module.css";

interface TablePreviewProps {
  label: string;
  columns: readonly { name: string; type?: string }[];
  rows: readonly (readonly unknown[])[];
  /** The number of the first row, from 1. */
  firstRow?: number;
  maxHeight?: number;
}

const COLUMN_WIDTH = 150;
const NUMBER_WIDTH = 64;
const NUMERIC = new Set(["integer", "number"]);

/** The first rows of a table. Only the columns in sight are drawn, so that a thousand of them are no burden. */
export function TablePreview({ label, columns, rows, firstRow = 1, maxHeight = 560 }: TablePreviewProps) {
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => COLUMN_WIDTH,
    overscan: 4,
  });
  const shown = virtual.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight }}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
      tabIndex={0}
    >
      <table
        className={classes.table}
        style={{ width: NUMBER_WIDTH + virtual.getTotalSize() }}
        aria-colcount={columns.length + 1}
      >
        <colgroup>
          <col style={{ width: NUMBER_WIDTH }} />
          {before > 0 && <col style={{ width: before }} />}
          {shown.map(({ key }) => (
            <col key={key} style={{ width: COLUMN_WIDTH }} />
          ))}
          {after > 0 && <col style={{ width: after }} />}
        </colgroup>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              <span className={classes.type}>row</span>
            </th>
            {before > 0 && <td aria-hidden="true" />}
            {shown.map(({ index, key }) => (
              <th
                key={key}
                scope="col"
                aria-colindex={index + 2}
                className={isNumeric(columns[index]) ? classes.number : undefined}
                title={columns[index]?.name}
              >
                <span className={classes.name}>{columns[index]?.name}</span>
                <span className={classes.type}>{columns[index]?.type}</span>
              </th>
            ))}
            {after > 0 && <td aria-hidden="true" />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity but its place
            <tr key={at}>
              <th scope="row" className={classes.rowNumber}>
                {formatCount(firstRow + at)}
              </th>
              {before > 0 && <td aria-hidden="true" />}
              {shown.map(({ index, key }) => (
                <Cell key={key} value={row[index]} isNumber={isNumeric(columns[index])} />
              ))}
              {after > 0 && <td aria-hidden="true" />}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ value, isNumber }: { value: unknown; isNumber: boolean }) {
  const text = sayValue(value);
  if (text === null) return <td className={classes.missing}>missing</td>;
  return (
    <td className={isNumber ? classes.number : undefined} title={text}>
      {text}
    </td>
  );
}

function isNumeric(column: { type?: string } | undefined): boolean {
  return NUMERIC.has(column?.type ?? "");
}

/** A value as it stands in the file, not rounded; `null` for a missing one. */
function sayValue(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
