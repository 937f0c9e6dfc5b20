/** What stands at the cursor of a chart, as texts. */

import { formatNumber } from "~/format/number";
import type { DrawnSeries } from "./drawn";

/** The value of each line at the point that `locate` gives (-1: none); with `null` the last one. */
export function readValues(
  drawn: readonly DrawnSeries[],
  locate: ((one: DrawnSeries) => number) | null,
): Map<string, string> {
  return new Map(
    drawn.map((one) => {
      const at = locate === null ? lastOf(one.y) : locate(one);
      return [one.series.key, at < 0 ? "" : readValue(one, at)];
    }),
  );
}

function readValue({ y, raw, band }: DrawnSeries, at: number): string {
  const value = formatNumber(y[at] as number, 5);
  if (raw !== null && Number.isFinite(raw[at] as number))
    return `${value} (raw ${formatNumber(raw[at] as number, 5)})`;
  if (band !== null && Number.isFinite(band.low[at] as number))
    return `${value} (${formatNumber(band.low[at] as number, 4)} to ${formatNumber(band.high[at] as number, 4)})`;
  return value;
}

/** NaN and infinities near a place: "NaN in run-a". */
export function findNonfiniteAt(drawn: readonly DrawnSeries[], x: number, slack: number): string[] {
  return drawn.flatMap(({ series, nonfinite }) => {
    const mark = nonfinite.find((one) => Math.abs(one.x - x) <= slack);
    return mark === undefined ? [] : [`${mark.kind} in ${series.label}`];
  });
}

/** Only texts that differ are written: each write lays out the page anew. */
export function writeTexts(
  places: ReadonlyMap<string, HTMLElement>,
  texts: ReadonlyMap<string, string>,
): void {
  for (const [key, place] of places) {
    const text = texts.get(key) ?? "";
    if (place.textContent !== text) place.textContent = text;
  }
}

function lastOf(values: Float64Array): number {
  let at = values.length - 1;
  while (at >= 0 && Number.isNaN(values[at])) at -= 1;
  return at;
}
