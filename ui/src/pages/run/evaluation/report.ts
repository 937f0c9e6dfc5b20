/** What an evaluation's report holds, as `GET …/evaluations/{name}` gives it; the API itself says only "object". */

import type { Schemas } from "~/api/client";

export type Evaluation = Schemas["WholeEvaluationBody"];
export type Interval = Schemas["IntervalBody"];
export type ClassName = string | number | boolean;

export interface Slice {
  kind: "confidence" | "target" | "feature" | "missingness";
  attribute: string;
  value: string;
  n: number;
  metric: string;
  estimate: number | null;
  low: number | null;
  high: number | null;
  level: number;
  method: string;
  difference: number | null;
  difference_low: number | null;
  difference_high: number | null;
  p_value: number | null;
  adjusted_p: number | null;
  test: string | null;
  mean_confidence: number | null;
  gap: number | null;
  explained_by: string | null;
  note: string | null;
}

export interface SliceReport {
  metric: string;
  higher_is_better: boolean | null;
  n_tested: number;
  worst: Slice | null;
  slices: Slice[];
  notes: string[];
}

export interface FailureExample {
  index: number;
  row_id: string | number;
  label: ClassName;
  prediction: ClassName;
  correct: boolean;
  confidence: number | null;
  severity: number | null;
  reason: string;
  features: Record<string, unknown>;
}

/** How often a label was taken for another class; of a regression, how many predictions are over or under. */
export type FailurePair =
  | { label: ClassName; prediction: ClassName; count: number }
  | { side: "over" | "under"; count: number };

export interface FailureCategory {
  id: string;
  title: string;
  /** `null` where it could not be looked for; `reason` says why. */
  count: number | null;
  n_errors: number | null;
  share: number | null;
  reason: string | null;
  thresholds: Record<string, number>;
  examples: FailureExample[];
  pairs: FailurePair[];
}

export interface FailureReport {
  n: number;
  n_errors: number;
  scale: number | null;
  categories: FailureCategory[];
}

export interface StressPoint {
  severity: number | null;
  column: string | null;
  amount: number | null;
  n: number;
  value: number | null;
  relative_drop: number | null;
  flip_rate: number | null;
  p_value: number | null;
  adjusted_p: number | null;
  test: string | null;
  error: string | null;
}

export interface StressFamily {
  family: string;
  unit: string;
  mean_relative_drop: number | null;
  severities: StressPoint[];
  reason: string | null;
}

export interface StressReport {
  ran: boolean;
  reason: string | null;
  metric: string | null;
  higher_is_better: boolean | null;
  clean: number | null;
  families: StressFamily[];
  notes: string[];
}

interface ShownInterval {
  low: number | null;
  high: number | null;
  level: number;
}

interface ClassCurve {
  class: ClassName;
  n_positive: number;
  interval?: ShownInterval | null;
}
export interface RocCurve extends ClassCurve {
  fpr: number[];
  tpr: number[];
  auc: number | null;
}
export interface PrCurve extends ClassCurve {
  recall: number[];
  precision: number[];
  average_precision: number | null;
}

export interface CalibrationBin {
  low: number;
  high: number;
  n: number;
  mean_probability: number | null;
  frequency: number | null;
  wilson_low: number | null;
  wilson_high: number | null;
}

export interface Calibration {
  of: string;
  bins: CalibrationBin[];
  expected_calibration_error: number | null;
  interval: ShownInterval | null;
  null: {
    low: (number | null)[];
    high: (number | null)[];
    mean: number;
    percentile_95: number;
    p_value: number;
  } | null;
}

export interface ConfusionCounts {
  classes: ClassName[];
  counts: number[][];
  n_folded: number;
}

export interface ConfidenceHistogram {
  edges: number[];
  correct: number[];
  wrong: number[];
}

export interface ClassificationCurves {
  n: number;
  confusion_matrix: ConfusionCounts;
  roc: RocCurve[];
  pr: PrCurve[];
  calibration: Calibration | null;
  confidence_histogram: ConfidenceHistogram | null;
  notes: Record<string, string>;
}

export interface RegressionCurves {
  n: number;
  predicted_actual: { n: number; prediction: number[]; target: number[] };
  residuals_by_prediction: { n: number; prediction: number[]; residual: number[] };
  residual_histogram: { edges: number[]; counts: number[]; below: number; above: number };
  quantile_quantile: {
    theoretical: number[];
    observed: number[];
    low: (number | null)[];
    high: (number | null)[];
    line: { slope: number; intercept: number } | null;
  } | null;
  error_by_quantile: {
    low: number;
    high: number;
    n: number;
    mean_prediction: number;
    mean_error: number;
    mean_error_low: number | null;
    mean_error_high: number | null;
    mean_absolute_error: number;
  }[];
  notes: Record<string, string>;
}

export interface BaselineTest {
  name: string;
  n: number;
  p_value: number | null;
  interval: Interval;
  note: string | null;
}

export interface Baseline {
  kind: string;
  answer: ClassName;
  metric: string;
  baseline: number;
  model: number;
  verdict: string;
  test: BaselineTest | null;
  prior: BaselineTest | null;
  prior_verdict: string | null;
}

export type ClassMetrics = { class: ClassName; n: number; n_predicted: number } & Record<
  string,
  number | null | ClassName
>;

export interface Report {
  task_type: "classification" | "regression";
  classes: ClassName[] | null;
  other_intervals: Record<string, Interval>;
  per_class: ClassMetrics[];
  majority_baseline: Baseline;
  calibration_null: { mean: number; percentile_95: number; p_value: number } | null;
  slices: SliceReport;
  failures: FailureReport;
  stress: StressReport;
  curves: ClassificationCurves | RegressionCurves;
  seed: number;
}

/** The whole report; `null` while its bytes are on the way, or where none was kept. */
export function readReport(evaluation: Evaluation): Report | null {
  return evaluation.report as unknown as Report | null;
}

/** A class as the report's texts write it: `True` as Python does. */
export function nameClass(name: ClassName): string {
  return typeof name === "boolean" ? (name ? "True" : "False") : String(name);
}

/** A takeaway in sentences. The server leaves out of names whatever could end one. */
export function splitSentences(text: string): string[] {
  return text.split(/(?<=[.!?]["”']?)\s+(?=["“'A-Z0-9])/u).filter((sentence) => sentence !== "");
}
