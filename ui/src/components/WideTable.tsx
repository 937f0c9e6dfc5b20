import { Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./WideTable.module.css";

/** A table that scrolls by itself where the page is narrower than it. */
export function WideTable({
  label,
  minWidth,
  children,
}: {
  label: string;
  minWidth?: number;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section className={classes.scroller} aria-label={label} tabIndex={0}>
      <Table miw={minWidth} highlightOnHover>
        {children}
      </Table>
    </section>
  );
}

interface SortableHeaderProps {
  label: string;
  field: string;
  /** The field sorted by, with `-` before it if the largest is first. */
  sort: string;
  onSort: (sort: string) => void;
  isNumber?: boolean;
}

/** The head of a column by which the rows can be sorted: numbers and times the largest first, texts from A. */
export function SortableHeader({ label, field, sort, onSort, isNumber = false }: SortableHeaderProps) {
  const isDown = sort === `-${field}`;
  const isUp = sort === field;
  const next = isNumber ? (isDown ? field : `-${field}`) : isUp ? `-${field}` : field;
  return (
    <Table.Th
      aria-sort={isDown ? "descending" : isUp ? "ascending" : "none"}
      className={isNumber ? "ml-number" : undefined}
    >
      <UnstyledButton onClick={() => onSort(next)} className={classes.head}>
        {label}
        {isDown && <IconArrowDown size={13} aria-hidden="true" />}
        {isUp && <IconArrowUp size={13} aria-hidden="true" />}
      </UnstyledButton>
    </Table.Th>
  );
}
