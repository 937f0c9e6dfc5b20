/** Drawn lines as the columns that uPlot draws. */

import type uPlot from "uplot";
import type { DrawnSeries } from "./drawn";
import { mergeX } from "./merge";

/** One column of the plot: the line itself, what was smoothed, or an edge around it. */
export type Role = "line" | "raw" | "bandHigh" | "bandLow" | "extremesHigh" | "extremesLow";
export interface FrameColumn {
  role: Role;
  /** Index of its line in the drawn series. */
  line: number;
}

export interface Frame {
  data: uPlot.AlignedData;
  /** What each column after x is. */
  columns: readonly FrameColumn[];
  drawn: readonly DrawnSeries[];
  /** For each line, where in the plot's x each of its points lies. */
  slots: readonly Uint32Array[];
}

/** Columns over one x axis. `undefined` is where a line has no point and goes on; `null` is a gap. */
export function makeFrame(drawn: readonly DrawnSeries[]): Frame {
  const { x, slots } = mergeX(drawn.map((one) => one.x));
  const columns: FrameColumn[] = [];
  const values: (number | null | undefined)[][] = [];
  drawn.forEach((one, line) => {
    // In the order in which they are painted.
    const all: readonly (readonly [Role, Float64Array | null | undefined])[] = [
      ["extremesHigh", one.extremes?.high],
      ["extremesLow", one.extremes?.low],
      ["bandHigh", one.band?.high],
      ["bandLow", one.band?.low],
      ["raw", one.raw],
      ["line", one.y],
    ];
    for (const [role, numbers] of all) {
      if (numbers === null || numbers === undefined) continue;
      columns.push({ role, line });
      values.push(spread(numbers, slots[line] as Uint32Array, x.length));
    }
  });
  return { data: [x, ...values] as uPlot.AlignedData, columns, drawn, slots };
}

/** What a plot is made anew for, rather than given new data. */
export function signFrame({ columns, drawn }: Frame): string {
  return columns
    .map(({ role, line }) => {
      const { key, color, dash } = (drawn[line] as DrawnSeries).series;
      return `${role} ${color} ${dash.join(",")} ${key}`;
    })
    .join("\n");
}

function spread(values: Float64Array, slots: Uint32Array, size: number): (number | null | undefined)[] {
  const column = new Array<number | null | undefined>(size).fill(undefined);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    column[slots[at] as number] = Number.isNaN(value) ? null : value;
  }
  return column;
}
