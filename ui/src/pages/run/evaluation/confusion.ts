/** A confusion matrix as it is shown: shades, shares, and what is said of a cell. */

import { formatCount, formatNumber } from "~/format/number";
import { type ClassName, type ConfusionCounts, nameClass } from "./report";

export interface ConfusionCell {
  row: number;
  column: number;
  count: number;
  /** Of the rows with this label; `null` where there is none. */
  share: number | null;
  isRight: boolean;
}

/** The names of rows and columns: the last may stand for the classes that are summed. */
export function nameRows(matrix: ConfusionCounts): string[] {
  const names = matrix.classes.map(nameClass);
  return matrix.n_folded > 0 ? [...names, `${formatCount(matrix.n_folded)} others`] : names;
}

/** The class of a row or column; `null` for the one that sums others. */
export function classAt(matrix: ConfusionCounts, at: number): ClassName | null {
  return matrix.classes[at] ?? null;
}

export function readCell(matrix: ConfusionCounts, row: number, column: number): ConfusionCell {
  const counts = matrix.counts[row] ?? [];
  const count = counts[column] ?? 0;
  const total = counts.reduce((sum, each) => sum + each, 0);
  const isFolded = matrix.n_folded > 0 && row === matrix.classes.length;
  return {
    row,
    column,
    count,
    share: total === 0 ? null : count / total,
    // Of classes that are summed nobody can tell which were right.
    isRight: row === column && !isFolded,
  };
}

/** How dark a cell is, from 0 to 1: its share of the row, or of the largest count off the diagonal or on it. */
export function shadeOf(cell: ConfusionCell, largest: { right: number; wrong: number }): number {
  const most = cell.isRight ? largest.right : largest.wrong;
  return most === 0 ? 0 : Math.min(cell.count / most, 1);
}

/** The largest count of right and of wrong cells; the sum of many classes would leave all others pale. */
export function findLargest(matrix: ConfusionCounts): { right: number; wrong: number } {
  const largest = { right: 0, wrong: 0 };
  const n = matrix.classes.length;
  matrix.counts.slice(0, n).forEach((counts, row) => {
    counts.slice(0, n).forEach((count, column) => {
      const side = row === column ? "right" : "wrong";
      largest[side] = Math.max(largest[side], count);
    });
  });
  return largest;
}

/** `label “cat”, predicted “dog”: 12 rows, 3.0 % of that label`. */
export function describeCell(names: readonly string[], cell: ConfusionCell): string {
  const share = cell.share === null ? "" : `, ${formatNumber(100 * cell.share, 3)} % of that label`;
  return `label “${names[cell.row]}”, predicted “${names[cell.column]}”: ${formatCount(cell.count)} ${cell.count === 1 ? "row" : "rows"}${share}`;
}

/** How many rows with this label have this prediction, both as texts write them; `null` if that is not known. */
export function countPair(matrix: ConfusionCounts, label: string, prediction: string): number | null {
  const names = matrix.classes.map(nameClass);
  return matrix.counts[names.indexOf(label)]?.[names.indexOf(prediction)] ?? null;
}
