/** Reports of latency in words: loads, modes, machines. */

import { countOf, formatNumber, MISSING } from "~/format/number";
import type { LatencyReport, Level, Percentile } from "./report";

/** A time in milliseconds: `0.0165 ms`. */
export function formatMs(value: number | null | undefined): string {
  return value === null || value === undefined ? MISSING : `${formatNumber(value)} ms`;
}

/** A rate: `24 113 /s`. */
export function formatRate(value: number | null | undefined): string {
  return value === null || value === undefined ? MISSING : `${formatNumber(value, 4)} /s`;
}

/** The ends of a percentile: `0.161 to 0.17 ms`, open ones as `from` or `up to`. */
export function formatEnds(found: Pick<Percentile, "low_ms" | "high_ms">): string {
  const { low_ms: low, high_ms: high } = found;
  if (low === null && high === null) return "none";
  if (low === null) return `up to ${formatMs(high)}`;
  if (high === null) return `from ${formatMs(low)}`;
  return `${formatNumber(low)} to ${formatMs(high)}`;
}

/** The load of a level: `1 worker`, `4 workers, 100 calls/s planned`. */
export function nameLevel(level: Pick<Level, "concurrency" | "rate_per_s">): string {
  const workers = countOf(level.concurrency, "worker");
  return level.rate_per_s === null
    ? workers
    : `${workers}, ${formatNumber(level.rate_per_s)} calls/s planned`;
}

const MODES = {
  closed: "closed loop: each worker calls again when its last call has ended; a stall holds up few calls",
  open: "open loop: calls are planned, and count from their planned beginning; a stall is felt by all it held up",
  given: "measured elsewhere",
} as const;

/** How calls were made. */
export function describeMode(report: Pick<LatencyReport, "mode">): string {
  return MODES[report.mode] ?? report.mode;
}

/** `50 %`, `99.9 %`. */
export function nameShare(q: number): string {
  return `${Number((100 * q).toPrecision(8))} %`;
}

/** `p50`, `p99.9`. */
export function namePercentile(q: number): string {
  return `p${Number((100 * q).toPrecision(8))}`;
}

/** The percentile at q, if the report has it. */
export function percentileOf(level: Level | undefined, q: number): Percentile | null {
  return level?.latency.percentiles.find((found) => found.q === q) ?? null;
}

const MACHINE_FACTS = ["cpu", "cores", "gpus", "os", "hostname"] as const;

/** What makes a machine another one, in words: `AMD EPYC, 2 cores, …`; `null` if nothing is known of it. */
export function describeMachine(machine: Record<string, unknown> | null): string | null {
  if (machine === null) return null;
  const facts = MACHINE_FACTS.flatMap((name) => {
    const value = Object.hasOwn(machine, name) ? machine[name] : null;
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0))
      return [];
    if (name === "cores") return [`${String(value)} cores`];
    return [typeof value === "string" ? value : JSON.stringify(value)];
  });
  return facts.length > 0 ? facts.join(", ") : null;
}

/** The different machines that reports were made on, with the names of those; reports without one say nothing. */
export function listMachines(reports: readonly LatencyReport[]): Map<string, string[]> {
  const machines = new Map<string, string[]>();
  for (const report of reports) {
    const machine = describeMachine(report.machine);
    if (machine !== null) machines.set(machine, [...(machines.get(machine) ?? []), report.name]);
  }
  return machines;
}
