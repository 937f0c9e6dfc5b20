/** The metrics of an evaluation as rows of a table: in which order, on which axis, and what is said about each. */

import { roundOut } from "~/charts/ticks";
import { formatInterval } from "~/format/number";
import type { Evaluation, Interval, Report } from "./report";

export interface MetricRow {
  name: string;
  value: number | null;
  interval: Interval | null;
  /** The axis its interval is drawn on; rows of one scale share it. Its ends are round. */
  range: readonly [number, number];
  /** Why there is no value, or what to know about it. */
  note: string | null;
  isPrimary: boolean;
}

/** What is looked at first; the server gives a run final metrics of these. */
const HEADLINE = [
  "accuracy",
  "f1",
  "roc_auc",
  "pr_auc",
  "log_loss",
  "brier",
  "expected_calibration_error",
  "rmse",
  "mae",
  "r2",
];
/** Metrics of which 1 is perfect. */
const SCORES = new Set([
  ...["accuracy", "balanced_accuracy", "specificity", "mcc", "cohen_kappa", "pr_auc"],
  ...["precision", "precision_macro", "precision_weighted", "recall", "recall_macro", "recall_weighted"],
  ...["f1", "f1_macro", "f1_weighted", "roc_auc", "roc_auc_weighted", "roc_auc_ovo"],
  ...["r2", "explained_variance", "pearson", "spearman"],
]);
/** Errors of one unit, of which 0 is perfect. */
const ERRORS = [
  new Set(["rmse", "mae", "median_absolute_error", "max_error", "bias", "residual_std"]),
  new Set([
    ...["expected_calibration_error", "expected_calibration_error_top_label", "max_calibration_error"],
    ...["ece_equal_mass", "ece_debiased"],
  ]),
  new Set(["brier", "brier_miscalibration", "brier_discrimination", "brier_uncertainty"]),
];

/** All metrics: the primary one, those looked at first, and the rest as the report lists them. */
export function listMetrics(evaluation: Evaluation): { headline: MetricRow[]; more: MetricRow[] } {
  const names = Object.keys(evaluation.metrics);
  const first = [evaluation.primary_metric, ...HEADLINE.filter((name) => name !== evaluation.primary_metric)];
  const headline = first.filter((name) => Object.hasOwn(evaluation.metrics, name));
  const chosen = new Set(headline);
  const list = (chosen: readonly string[]) =>
    chosen.map(
      (name): MetricRow => ({
        name,
        value: own(evaluation.metrics, name) ?? null,
        interval: own(evaluation.intervals, name) ?? null,
        range: chooseRange(name, chosen, evaluation),
        note: own(evaluation.notes, name) ?? own(evaluation.intervals, name)?.note ?? null,
        isPrimary: name === evaluation.primary_metric,
      }),
    );
  return { headline: list(headline), more: list(names.filter((name) => !chosen.has(name))) };
}

/** Scores share an axis as short as their intervals allow; errors of one unit share one that begins at 0. */
function chooseRange(
  name: string,
  beside: readonly string[],
  evaluation: Evaluation,
): readonly [number, number] {
  const isScore = SCORES.has(name);
  const alike = isScore ? SCORES : ERRORS.find((names) => names.has(name));
  const ends = (alike === undefined ? [name] : beside.filter((other) => alike.has(other)))
    .flatMap((other) => {
      const interval = own(evaluation.intervals, other);
      return [own(evaluation.metrics, other), interval?.low, interval?.high];
    })
    .filter((end): end is number => typeof end === "number" && Number.isFinite(end));
  return isScore && ends.length > 0
    ? roundOut(Math.min(...ends), Math.max(...ends))
    : roundOut(Math.min(0, ...ends), Math.max(0, ...ends));
}

/** How an interval was made, for those who ask. */
export function describeInterval(interval: Interval | null): string {
  if (interval === null) return "no interval was asked for";
  if (interval.low === null || interval.high === null) return interval.note ?? "no interval";
  const level = `${Math.round(interval.level * 100)} % interval ${formatInterval(interval.low, interval.high, 4)}`;
  const resamples =
    interval.n_resamples > 0
      ? `, ${interval.n_resamples} resamples${interval.n_dropped > 0 ? ` (${interval.n_dropped} undefined)` : ""}${interval.seed === null ? "" : `, seed ${interval.seed}`}`
      : "";
  return `${level}; ${METHODS.get(interval.method) ?? interval.method}${resamples}`;
}

const METHODS = new Map([
  ["bca", "bias-corrected and accelerated bootstrap (bca)"],
  ["percentile", "percentile bootstrap"],
  ["wilson", "Wilson's"],
  ["newcombe", "Newcombe's"],
  ["newcombe_paired", "Newcombe's, paired"],
  ["delong_logit", "DeLong's, on the logit scale"],
  ["inversion", "inversion of the test of calibration"],
  ["order_statistic", "order statistics"],
  ["fisher_z", "Fisher's z"],
  ["jackknife", "jackknife"],
  ["t", "Student's t"],
]);

/** What a metric is, in a few words; those of users have none. */
export const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["accuracy", "share of rows that are right"],
  ["balanced_accuracy", "mean recall of the classes"],
  ["precision", "share of the rows predicted positive that are"],
  ["recall", "share of the positive rows that are found"],
  ["f1", "harmonic mean of precision and recall"],
  ["specificity", "share of the negative rows that are called so"],
  ["mcc", "correlation of labels and predictions"],
  ["cohen_kappa", "agreement beyond chance"],
  ["roc_auc", "probability that a positive row scores higher than a negative one"],
  ["pr_auc", "average precision over all thresholds"],
  ["log_loss", "mean −ln of the probability of the true class; lower is better"],
  ["brier", "mean squared error of the probabilities; lower is better"],
  ["expected_calibration_error", "mean gap between probability and frequency, 10 bins; lower is better"],
  ["rmse", "root of the mean squared error; lower is better"],
  ["mae", "mean absolute error; lower is better"],
  ["median_absolute_error", "the middle absolute error; lower is better"],
  ["max_error", "the largest absolute error; lower is better"],
  ["mape", "mean of |error / target|; lower is better"],
  ["bias", "mean error: prediction − target"],
  ["residual_std", "spread of the errors about their mean; lower is better"],
  ["r2", "share of the variance of the targets that is explained"],
  ["explained_variance", "the same, whatever the bias"],
  ["pearson", "correlation of targets and predictions"],
  ["spearman", "correlation of their ranks"],
]);

/** The intervals by a second method, as `accuracy_wilson` beside that of `accuracy`. */
export function otherIntervals(report: Report, metric: string): Interval[] {
  return ["wilson", "delong", "clustered"].flatMap(
    (method) => own(report.other_intervals, `${metric}_${method}`) ?? [],
  );
}

const TESTS = new Map([
  ["mcnemar_mid_p", "McNemar's test (mid-p)"],
  ["mcnemar_exact", "McNemar's exact test"],
  ["paired_t", "paired t test"],
  ["wilcoxon", "Wilcoxon's test"],
  ["fisher", "Fisher's exact test"],
  ["chi2", "chi-squared test"],
  ["permutation", "permutation test"],
]);

/** A test as people call it. */
export function nameTest(test: string | null): string {
  return test === null ? "no test" : (TESTS.get(test) ?? test.replaceAll("_", " "));
}

/** A value by a name that people chose, which may be one of an object's own, such as `__proto__`. */
function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
