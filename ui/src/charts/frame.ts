/** Drawn lines as the columns that uPlot knows: it finds points at the cursor in them. */

import type uPlot from "uplot";
import type { DrawnSeries } from "./drawn";
import { mergeX } from "./merge";

export interface Frame {
  /** x, then a column for each line. */
  data: uPlot.AlignedData;
  drawn: readonly DrawnSeries[];
  /** For each line, where in the plot's x each of its points lies. */
  slots: readonly Uint32Array[];
}

/** Columns over one x axis. `undefined` is where a line has no point; `null` is a gap. */
export function makeFrame(drawn: readonly DrawnSeries[]): Frame {
  const { x, slots } = mergeX(drawn.map((one) => one.x));
  const columns = drawn.map((one, line) => spread(one.y, slots[line] as Uint32Array, x.length));
  return { data: [x, ...columns] as uPlot.AlignedData, drawn, slots };
}

/** What a plot is made anew for, rather than given new data. */
export function signFrame({ drawn }: Frame): string {
  return drawn.map(({ series: { key, color, dash } }) => `${color} ${dash.join(",")} ${key}`).join("\n");
}

function spread(values: Float64Array, slots: Uint32Array, size: number): (number | null | undefined)[] {
  const column = new Array<number | null | undefined>(size).fill(undefined);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    column[slots[at] as number] = Number.isNaN(value) ? null : value;
  }
  return column;
}
