/** Rows that a model gets wrong: what the six categories mean, and which rows are asked for. */

import { formatNumber } from "~/format/number";
import {
  type FailureCategory,
  type FailureExample,
  type FailureReport,
  nameClass,
  type Report,
} from "./report";

/** What a category means and what to do about it; `id` is the report's. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["label_suspect", "So far off that the label should be looked at first. It need not be wrong."],
  ["high_confidence_error", "Wrong, and sure of it: what the model has learned does not hold here."],
  ["near_boundary", "Two answers were nearly as likely. Other thresholds or more features may part them."],
  ["rare_or_unseen", "Too few rows of this kind to learn from. More of them may help."],
  ["data_quality", "A cell is missing, far out, or of a value that hardly occurs."],
  ["systematic", "All other errors, by what was taken for what."],
]);

export function explainCategory(category: FailureCategory): string {
  return MEANINGS.get(category.id) ?? "";
}

const THRESHOLDS: ReadonlyMap<string, (value: string) => string> = new Map([
  ["confidence_from", (value) => `confidence at least ${value}`],
  ["label_probability_to", (value) => `probability of the label at most ${value}`],
  ["gap_to", (value) => `the two largest probabilities at most ${value} apart`],
  ["rows_below", (value) => `fewer than ${value} rows of the label`],
  ["category_rows_below", (value) => `fewer than ${value} rows of the value`],
  ["robust_sd_beyond", (value) => `beyond ${value} robust standard deviations`],
  ["error_beyond", (value) => `error beyond ${value}`],
  ["error_to", (value) => `error at most ${value}`],
  ["prediction_from", (value) => `prediction from ${value}`],
  ["prediction_to", (value) => `prediction to ${value}`],
  ["distance_to", (value) => `at most ${value} from the edge of a quartile`],
  ["target_below", (value) => `target below ${value}`],
  ["target_above", (value) => `or above ${value}`],
]);

/** Its thresholds in words: `confidence at least 0.9`. */
export function describeThresholds(category: FailureCategory): string {
  return Object.entries(category.thresholds)
    .map(([name, value]) => {
      const text = formatNumber(value);
      return THRESHOLDS.get(name)?.(text) ?? `${name.replaceAll("_", " ")} ${text}`;
    })
    .join(", ");
}

/** A row of the table: an example and where it comes from. */
export interface FailureRow {
  category: FailureCategory;
  example: FailureExample;
}

export interface FailureChoice {
  /** The id of one category, or empty for all. */
  category: string;
  /** The label and the prediction as texts write them, or empty for any. */
  label: string;
  predicted: string;
}

/** The examples of the chosen category and pair, the most severe of each category first. */
export function chooseFailures(report: FailureReport, choice: FailureChoice): FailureRow[] {
  return report.categories
    .filter(({ id }) => choice.category === "" || id === choice.category)
    .flatMap((category) => category.examples.map((example) => ({ category, example })))
    .filter(
      ({ example }) =>
        (choice.label === "" || nameClass(example.label) === choice.label) &&
        (choice.predicted === "" || nameClass(example.prediction) === choice.predicted),
    );
}

/** The names of the columns that any of the rows has, in the order of the data. */
export function listFeatures(rows: readonly FailureRow[]): string[] {
  const names = new Set<string>();
  for (const { example } of rows) for (const name of Object.keys(example.features)) names.add(name);
  return [...names];
}

/** A cell of the data as people read it. */
export function showFeature(example: FailureExample, name: string): string {
  const value = Object.hasOwn(example.features, name) ? example.features[name] : null;
  if (value === null || value === undefined) return "(missing)";
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A label or prediction: a class as it is called, a number with sensible digits. */
export function showAnswer(answer: FailureExample["label"], taskType: Report["task_type"]): string {
  return taskType === "regression" && typeof answer === "number" ? formatNumber(answer) : nameClass(answer);
}
