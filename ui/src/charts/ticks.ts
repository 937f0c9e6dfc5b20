/** Where an axis has its ticks, what they say, and how far it reaches. One way for screen and files. */

import { formatNumber } from "~/format/number";
import { formatDuration } from "~/format/time";
import type { ChartRange, XKind } from "./types";

/** The widest range of which a difference can still be taken. */
const WIDEST = Number.MAX_VALUE / 4;

/** A range for values from `low` to `high`: with some room, never empty, always of finite width. */
export function padRange(low: number, high: number, isLog: boolean, share = 0.06): ChartRange {
  if (!(low <= high) || !Number.isFinite(low) || !Number.isFinite(high)) return isLog ? [0.1, 1] : [0, 1];
  if (isLog) {
    const [from, to] = [Math.log10(low), Math.log10(high)];
    const room = to > from ? (to - from) * share : 0.3;
    return [Math.max(10 ** (from - room), Number.MIN_VALUE), Math.min(10 ** (to + room), WIDEST)];
  }
  const room = high > low ? (high / 2 - low / 2) * 2 * share : Math.abs(low) * 0.1 || 1;
  return [Math.max(low - room, -WIDEST), Math.min(high + room, WIDEST)];
}

/** The least range with round ends that holds the numbers from `low` to `high`; never empty. */
export function roundOut(low: number, high: number): ChartRange {
  const [from, to] = low < high ? [low, high] : padRange(low, high, false);
  const step = roundStep(settle(to / 4 - from / 4));
  const [first, last] = [Math.floor(settle(from / step)), Math.ceil(settle(to / step))];
  const [begin, end] = [settle(first * step), settle(last * step)];
  return step > 0 && Number.isFinite(begin) && Number.isFinite(end) ? [begin, end] : [from, to];
}

/** Without what is lost in the last digits when numbers are divided. */
function settle(value: number): number {
  return Number(value.toPrecision(12));
}

/** At most about `count` round numbers in a range. */
export function makeTicks(from: number, to: number, count: number, isLog: boolean): number[] {
  return isLog ? logTicks(from, to, count) : linearTicks(from, to, count, roundStep);
}

/** The same for an axis of what x is: whole steps, round times. */
export function makeXTicks(kind: XKind, from: number, to: number, count: number, isLog: boolean): number[] {
  if (isLog) return logTicks(from, to, count);
  if (kind === "time") return clockTicks(from, to, count);
  if (kind === "elapsed") return linearTicks(from, to, count, timeStep);
  if (kind === "step") return linearTicks(from, to, count, (least) => Math.max(roundStep(least), 1));
  return linearTicks(from, to, count, roundStep);
}

/** What the ticks of an axis of numbers say: as many digits as tell neighbours apart. */
export function labelTicks(ticks: readonly number[]): string[] {
  let digits = 3;
  while (digits < 12 && new Set(ticks.map((tick) => shorten(tick, digits))).size < ticks.length) digits += 1;
  return ticks.map((tick) => shorten(tick, digits));
}

/** What the ticks of an axis of `kind` say. */
export function labelXTicks(kind: XKind, ticks: readonly number[]): string[] {
  if (kind === "elapsed") return labelElapsed(ticks);
  if (kind === "time") return labelClock(ticks);
  return labelTicks(ticks);
}

/** One value of an axis of `kind`, in full. */
export function labelX(kind: XKind, value: number): string {
  if (kind === "elapsed") return formatDuration(value);
  if (kind === "time") return MOMENT.format(new Date(value * 1000));
  return formatNumber(value, 8);
}

const SIZES = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e4, "k"],
] as const;

/** 250k, 1.5M: steps are long numbers with few digits that matter. */
function shorten(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return formatNumber(value, digits);
  for (const [unit, letter] of SIZES)
    if (size >= unit) return `${formatNumber(value / (letter === "k" ? 1e3 : unit), digits)}${letter}`;
  return formatNumber(value, digits);
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const lead = least / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];
const DAY = 86_400;

function timeStep(least: number): number {
  if (least < 1) return roundStep(least);
  return TIME_STEPS.find((step) => step >= least) ?? roundStep(least / DAY) * DAY;
}

function linearTicks(from: number, to: number, count: number, choose: (least: number) => number): number[] {
  if (!(from < to)) return [];
  const step = choose(to / count - from / count || Number.MIN_VALUE);
  const [first, last] = [Math.ceil(from / step), Math.floor(to / step)];
  // So narrow a range that its numbers cannot be told apart has no round ones.
  if (!Number.isFinite(step) || !Number.isFinite(first) || last - first > 10 * count) return [from];
  const digits = Math.min(Math.max(0, 1 - Math.floor(Math.log10(step))), 100);
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const tick = (first + at) * step;
    return step < 1 && digits < 100 ? Number(tick.toFixed(digits)) : tick;
  }).map((tick) => (tick === 0 ? 0 : tick));
}

function logTicks(from: number, to: number, count: number): number[] {
  if (!(from > 0 && from < to)) return [];
  const [low, high] = [Math.log10(from), Math.log10(to)];
  const decades = Math.floor(high) - Math.ceil(low) + 1;
  if (decades < 2) {
    // Within a decade or so, round numbers tell more.
    const ticks = linearTicks(from, to, count, roundStep);
    return ticks.filter((tick) => tick > 0);
  }
  const stride = Math.max(1, Math.ceil(decades / count));
  const first = Math.ceil(Math.ceil(low) / stride) * stride;
  const ticks: number[] = [];
  for (let power = first; power <= high; power += stride) ticks.push(Number(`1e${power}`));
  return ticks;
}

/** Round times of the reader's day. */
function clockTicks(from: number, to: number, count: number): number[] {
  const shift = new Date(from * 1000).getTimezoneOffset() * 60;
  return linearTicks(from - shift, to - shift, count, timeStep).map((tick) => tick + shift);
}

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const MINUTE = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const SECOND = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** The time of day; the first tick of a day also says which, and days alone say only that. */
function labelClock(ticks: readonly number[]): string[] {
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  let before = "";
  return ticks.map((tick) => {
    const date = new Date(tick * 1000);
    const day = DAY_OF_YEAR.format(date);
    if (step >= DAY) return day;
    const time =
      step < 1
        ? `${SECOND.format(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`
        : (step < 60 ? SECOND : MINUTE).format(date);
    const isNewDay = day !== before;
    before = day;
    return isNewDay ? `${time}\n${day}` : time;
  });
}

function labelElapsed(ticks: readonly number[]): string[] {
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  if (step < 0.5) return labelTicks(ticks.map((tick) => tick * 1000)).map((text) => `${text} ms`);
  return ticks.map((seconds) =>
    seconds < 0 ? `\u2212${formatDuration(-seconds)}` : seconds === 0 ? "0" : formatDuration(seconds),
  );
}
