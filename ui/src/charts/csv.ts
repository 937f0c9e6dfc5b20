/** The points of a chart as CSV. */

import type { ChartSeries, XKind } from "./types";

const ROWS_PER_PART = 20_000;

/**
 * One row for each point, in parts that together are the file: `series,step,x,value` and the band's edges.
 *
 * Long rather than wide: lines have points at different places, and none is lost or made up. NaN and infinities
 * are "nan", "inf" and "-inf"; a gap is empty. A text that a spreadsheet would take for a formula (it starts
 * with = + - @, a tab or a return) is preceded by an apostrophe.
 */
export function* writeCsv(series: readonly ChartSeries[], xKind: XKind, xLabel: string): Generator<string> {
  const isStep = xKind === "step";
  const hasSteps = !isStep && series.some(({ steps }) => steps !== undefined);
  const hasBand = series.some(({ band }) => band !== undefined);
  const heads = ["series", ...(hasSteps ? ["step"] : []), isStep ? "step" : xLabel, "value"];
  if (hasBand) heads.push("low", "high");
  let rows = [heads.map(quote).join(",")];
  for (const { label, x, y, steps, band } of series) {
    const name = quote(label);
    for (let at = 0; at < x.length; at++) {
      let row = hasSteps ? `${name},${write(steps?.[at])},` : `${name},`;
      row += `${write(x[at])},${write(y[at])}`;
      if (hasBand) row += `,${write(band?.low[at])},${write(band?.high[at])}`;
      rows.push(row);
      if (rows.length >= ROWS_PER_PART) {
        yield `${rows.join("\r\n")}\r\n`;
        rows = [];
      }
    }
  }
  if (rows.length > 0) yield `${rows.join("\r\n")}\r\n`;
}

function write(value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
