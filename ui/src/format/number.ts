/** Numbers as people read them: sensible digits, one way everywhere. */

import type { ApiNumber } from "~/api/client";

/** As a number of JavaScript: the API writes NaN and infinity as texts. */
export function toNumber(value: ApiNumber): number {
  if (typeof value === "number") return value;
  return value === "nan" ? Number.NaN : value === "inf" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

const MINUS = "\u2212";
const NARROW_SPACE = "\u202f";
export const MISSING = "\u2013";

/**
 * A metric's value with `digits` significant digits: `0.9531`, `1.2e−5`, `12 345`, `NaN`, `−∞`; `–` if missing.
 *
 * Zeros at the end stay where digits were cut, so that columns line up: `0.9500` of 0.95004, but `0.95` of 0.95.
 */
export function formatNumber(value: ApiNumber | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return MISSING;
  const number = toNumber(value);
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : `${MINUS}∞`;
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e7 || size < 1e-4) return withMinus(writeExponent(number, Math.max(digits - 2, 0)));
  if (Number.isInteger(number)) return withMinus(groupThousands(number.toString()));
  const whole = Math.max(Math.floor(Math.log10(size)) + 1, 0);
  const fixed = number.toFixed(Math.min(Math.max(digits - whole, 0) + leadingZeros(size), 10));
  return withMinus(groupThousands(trimZeros(fixed, number)));
}

/** A whole number with thousands apart: `12 345`. */
export function formatCount(count: number): string {
  return withMinus(groupThousands(Math.round(count).toString()));
}

/** `1 run`, `24 runs`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A difference, always with its sign. */
export function formatDifference(value: ApiNumber | null | undefined, digits = 3): string {
  const text = formatNumber(value, digits);
  return value !== null && value !== undefined && toNumber(value) > 0 ? `+${text}` : text;
}

/** A p-value: `0.032`, `< 0.001`; never rounded onto 0.05. */
export function formatP(value: number | null | undefined): string {
  if (value === null || value === undefined) return MISSING;
  if (value < 0.001) return "< 0.001";
  const text = value.toFixed(value < 0.1 ? 3 : 2);
  return text === "0.050" ? value.toFixed(4) : text;
}

/** `0.894 to 0.947`, or `–`. */
export function formatInterval(
  low: number | null | undefined,
  high: number | null | undefined,
  digits = 3,
): string {
  if (low === null || low === undefined || high === null || high === undefined) return MISSING;
  return `${formatNumber(low, digits)} to ${formatNumber(high, digits)}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in units of 1000: `72.7 kB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return MISSING;
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${unit === 0 ? size : size.toPrecision(3).replace(/e\+.*/, "")} ${UNITS[unit]}`;
}

function leadingZeros(size: number): number {
  return size < 1 ? Math.max(-Math.floor(Math.log10(size)) - 1, 0) : 0;
}

/** The text without zeros at its end, if it says all of the number. */
function trimZeros(text: string, number: number): string {
  return text.includes(".") && Number(text) === number ? text.replace(/\.?0+$/, "") : text;
}

function writeExponent(number: number, digits: number): string {
  const text = number.toExponential(digits);
  const [mantissa = "", exponent = ""] = text.split("e");
  return `${Number(text) === number ? trimZeros(mantissa, Number(mantissa)) : mantissa}e${exponent.replace("+", "").replace("-", MINUS)}`;
}

function groupThousands(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, NARROW_SPACE);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function withMinus(text: string): string {
  return text.startsWith("-") ? MINUS + text.slice(1) : text;
}
