/** What a latency report holds, as `GET …/latency` gives it; the API itself says only "object". */

import type { Schemas } from "~/api/client";

export type LatencyRecord = Schemas["LatencyBody"];

export interface Percentile {
  q: number;
  value_ms: number | null;
  low_ms: number | null;
  high_ms: number | null;
  note: string | null;
}

export interface Distribution {
  n: number;
  mean_ms: number | null;
  standard_deviation_ms: number | null;
  min_ms: number | null;
  max_ms: number | null;
  percentiles: Percentile[];
  /** The edges of the bins, one more than there are counts. */
  histogram_ms: number[];
  histogram_counts: number[];
  curve: Percentile[];
}

export interface CallFailure {
  kind: "error" | "timeout";
  message: string;
  count: number;
}

export interface Level {
  concurrency: number;
  rate_per_s: number | null;
  n: number;
  n_errors: number;
  n_timeouts: number;
  n_unstarted: number;
  failures: CallFailure[];
  warmup_calls: number;
  warmup_s: number;
  wall_s: number | null;
  throughput_per_s: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  latency: Distribution;
  service: Distribution | null;
  corrected: Distribution | null;
  autocorrelation: number | null;
  gc_collections: number | null;
  notes: string[];
}

export interface LatencyReport {
  name: string;
  target: string | null;
  mode: "closed" | "open" | "given";
  concurrency: number;
  rate_per_s: number | null;
  expected_interval_s: number | null;
  timeout_s: number | null;
  n: number;
  n_errors: number;
  n_timeouts: number;
  levels: Level[];
  environment: {
    python: string;
    cpus: number | null;
    usable_cpus: number | null;
    threads: number;
    gc_enabled: boolean;
  } | null;
  machine: Record<string, unknown> | null;
}

export function readLatency(record: LatencyRecord): LatencyReport {
  return record.report as unknown as LatencyReport;
}
