/** Columns of the table of runs as axes of charts: numbers, or categories where there are texts. Pure. */

export type Value = string | number | boolean | null;

export interface Axis {
  field: string;
  label: string;
  /** `log` for numbers above 0 that span two orders of magnitude, such as learning rates. */
  kind: "value" | "log" | "category";
  /** The names of categories, in the order of the axis. */
  names: readonly string[];
  /** A place on the axis for each run: a number, or the index of a name; `null` where the run has none. */
  places: readonly (number | null)[];
}

const LOG_FROM = 100;

/** An axis of what runs have under a field. NaN and infinities (texts in JSON) have no place on it. */
export function makeAxis(field: string, label: string, values: readonly Value[]): Axis {
  const read = values.map(readValue);
  const present = read.filter((value): value is number | string => value !== null);
  if (present.some((value) => typeof value === "string")) {
    const names = [...new Set(present.map(String))].sort(byNumberThenText);
    const index = new Map(names.map((name, at) => [name, at]));
    const places = read.map((value) => (value === null ? null : (index.get(String(value)) ?? null)));
    return { field, label, kind: "category", names, places };
  }
  const places = read as (number | null)[];
  const numbers = present as number[];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return { field, label, kind: low > 0 && high / low >= LOG_FROM ? "log" : "value", names: [], places };
}

function readValue(value: Value): number | string | null {
  if (value === "nan" || value === "inf" || value === "-inf" || value === null) return null;
  return typeof value === "boolean" ? String(value) : value;
}

function byNumberThenText(one: string, other: string): number {
  const [here, there] = [Number(one), Number(other)];
  if (!Number.isNaN(here) && !Number.isNaN(there)) return here - there;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A part of an axis: its first and its last place. */
export type Part = readonly [number, number];

/** The least and the greatest place that a run has. */
export function spanOf(axis: Axis): Part {
  const there = axis.places.filter((place) => place !== null);
  return there.length === 0 ? [0, 1] : [Math.min(...there), Math.max(...there)];
}

/** Whether all its numbers are whole, so that nothing stands between two of them. */
export function isWhole(axis: Axis): boolean {
  return axis.kind === "value" && axis.places.every((place) => place === null || Number.isInteger(place));
}

/** Significant digits that tell the marks of an axis apart. */
export function digitsOf(axis: Axis): number {
  const [least, most] = spanOf(axis);
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (axis.kind !== "value" || most === least || size === 0) return 3;
  return Math.min(Math.max(Math.ceil(Math.log10(size / (most - least))) + 2, 3), 10);
}

/** The part between two numbers, or two names; an empty bound is the axis's own end. `null` for all of it. */
export function partOf(axis: Axis, from: number | string, to: number | string): Part | null {
  const [least, most] = spanOf(axis);
  const placeOf = (bound: number | string, end: number) => {
    if (bound === "") return end;
    return axis.kind === "category" ? axis.names.indexOf(String(bound)) : Number(bound);
  };
  const [low, high] = [placeOf(from, least), placeOf(to, most)];
  return from === "" && to === "" ? null : [Math.min(low, high), Math.max(low, high)];
}

/** Whether runs have different values of it: what does not vary explains nothing. */
export function varies(axis: Axis): boolean {
  return new Set(axis.places.filter((place) => place !== null)).size > 1;
}

/** What stands at a place: the number, or the name of the category. */
export function nameAt(axis: Axis, run: number): string | number | null {
  const place = axis.places[run] ?? null;
  return axis.kind === "category" && place !== null ? (axis.names[place] ?? null) : place;
}
