/** One x axis for lines that each have their own: what a chart with aligned columns needs. */

import type { Numbers } from "./types";

export interface Merged {
  x: Float64Array;
  /** For each line, where in `x` each of its points lies. */
  slots: readonly Uint32Array[];
}

/** All x of all lines, ascending. An x that a line has twice is there twice: no point is lost. */
export function mergeX(lines: readonly Numbers[]): Merged {
  let round: Float64Array[] = lines.map((x) => (x instanceof Float64Array ? x : Float64Array.from(x)));
  while (round.length > 1) {
    const next: Float64Array[] = [];
    for (let at = 0; at < round.length; at += 2) {
      const [one, other] = [round[at] as Float64Array, round[at + 1]];
      next.push(other === undefined ? one : union(one, other));
    }
    round = next;
  }
  const x = round[0] ?? new Float64Array(0);
  return { x, slots: lines.map((line) => locate(line, x)) };
}

function union(one: Float64Array, other: Float64Array): Float64Array {
  const all = new Float64Array(one.length + other.length);
  let [i, j, n] = [0, 0, 0];
  while (i < one.length && j < other.length) {
    const [a, b] = [one[i] as number, other[j] as number];
    all[n++] = Math.min(a, b);
    if (a <= b) i++;
    if (b <= a) j++;
  }
  while (i < one.length) all[n++] = one[i++] as number;
  while (j < other.length) all[n++] = other[j++] as number;
  return n === all.length ? all : all.slice(0, n);
}

function locate(line: Numbers, x: Float64Array): Uint32Array {
  const slots = new Uint32Array(line.length);
  let place = 0;
  for (let at = 0; at < line.length; at++) {
    while (place < x.length && x[place] !== line[at]) place++;
    slots[at] = place++;
  }
  return slots;
}
