import { describe, expect, it } from "vitest";
import { countPair, describeCell, findLargest, nameRows, readCell, shadeOf } from "./confusion";
import { chooseFailures, describeThresholds, listFeatures, showFeature } from "./failureRows";
import { describeInterval, listMetrics, otherIntervals } from "./metricRows";
import {
  type Evaluation,
  type FailureCategory,
  type FailureExample,
  type FailureReport,
  type Interval,
  nameClass,
  type Report,
  type Slice,
  type SliceReport,
  type StressReport,
  splitSentences,
} from "./report";
import { reachOf } from "./residualOptions";
import { badness, chooseSlices, rangeOf } from "./sliceRows";
import { largestDrop, showAmount, sortFamilies } from "./stressRows";

function interval(estimate: number | null, low: number | null, high: number | null, more = {}): Interval {
  return {
    estimate,
    low,
    high,
    level: 0.95,
    method: "bca",
    n_resamples: 1000,
    n_dropped: 0,
    seed: 0,
    note: null,
    ...more,
  };
}

function evaluation(metrics: Record<string, number | null>, more: Partial<Evaluation> = {}): Evaluation {
  return {
    task_type: "classification",
    primary_metric: "accuracy",
    n: 100,
    metrics,
    notes: {},
    intervals: {},
    ...more,
  } as Evaluation;
}

describe("metrics of an evaluation", () => {
  it("come with the primary one first, then those looked at first, then the rest as they are listed", () => {
    const found = listMetrics(
      evaluation({ mcc: 0.5, accuracy: 0.9, f1: 0.8, recall: 0.7 }, { primary_metric: "f1" }),
    );
    expect(found.headline.map(({ name }) => name)).toEqual(["f1", "accuracy"]);
    expect(found.more.map(({ name }) => name)).toEqual(["mcc", "recall"]);
    expect(found.headline[0]?.isPrimary).toBe(true);
  });

  it("share an axis of round ends on which the intervals of scores can be seen, and errors begin at 0", () => {
    const { headline, more } = listMetrics(
      evaluation(
        { accuracy: 0.9475, roc_auc: 0.9896, log_loss: 0.244, mcc: 0.2 },
        { intervals: { accuracy: interval(0.9475, 0.921, 0.965), roc_auc: interval(0.9896, 0.981, 0.995) } },
      ),
    );
    const ranges = new Map([...headline, ...more].map(({ name, range }) => [name, range]));
    expect(ranges.get("accuracy")).toEqual([0.92, 1]);
    expect(ranges.get("roc_auc")).toEqual([0.92, 1]);
    expect(ranges.get("log_loss")).toEqual([0, 0.3]);
    expect(ranges.get("mcc")).toEqual([0.18, 0.22]);
  });

  it("in the unit of the target share the axis of the widest", () => {
    const { headline } = listMetrics(
      evaluation(
        { rmse: 2, mae: 1 },
        {
          task_type: "regression",
          primary_metric: "rmse",
          intervals: { rmse: interval(2, 1.5, 3), mae: interval(1, 0.5, 1.5) },
        },
      ),
    );
    expect(headline.map(({ range }) => range)).toEqual([
      [0, 3],
      [0, 3],
    ]);
  });

  it("may be called like a property that objects have anyhow", () => {
    const metrics = JSON.parse('{"__proto__": 0.5, "constructor": null}') as Record<string, number | null>;
    const { more } = listMetrics(evaluation(metrics));
    expect(more.map(({ name, value }) => [name, value])).toEqual([
      ["__proto__", 0.5],
      ["constructor", null],
    ]);
    expect(more[1]?.interval).toBeNull();
  });

  it("that are undefined say why", () => {
    const { headline } = listMetrics(
      evaluation({ accuracy: 1, roc_auc: null }, { notes: { roc_auc: "the labels have one class only" } }),
    );
    expect(headline[1]).toMatchObject({ value: null, note: "the labels have one class only" });
  });
});

describe("an interval", () => {
  it("says its method, resamples and seed", () => {
    expect(describeInterval(interval(0.9, 0.85, 0.95, { n_dropped: 3 }))).toBe(
      "95 % interval 0.85 to 0.95; bias-corrected and accelerated bootstrap (bca), 1000 resamples (3 undefined), seed 0",
    );
  });
  it("that is not there says why", () => {
    const none = interval(0.1, null, null, { note: "no interval with a known coverage" });
    expect(describeInterval(none)).toBe("no interval with a known coverage");
  });
  it("has beside it those by other methods, of this metric alone", () => {
    const report = {
      other_intervals: {
        accuracy_wilson: interval(0.9, 0.8, 0.95, { method: "wilson" }),
        roc_auc_delong: interval(0.9, 0.8, 0.95),
      },
    } as unknown as Report;
    expect(otherIntervals(report, "accuracy").map(({ method }) => method)).toEqual(["wilson"]);
  });
});

describe("a takeaway", () => {
  it("is shown sentence by sentence, and decimal points end none", () => {
    const text =
      "On 10 rows the accuracy is 0.9 (95 % CI 0.7 to 1.0). It is better than always answering 'a'. Look at 'x'.";
    expect(splitSentences(text)).toHaveLength(3);
  });
});

describe("a confusion matrix", () => {
  const matrix = {
    classes: ["cat", true, 3],
    counts: [
      [8, 2, 0],
      [0, 5, 5],
      [0, 0, 0],
    ],
    n_folded: 0,
  };
  it("names classes as the report's texts do", () => {
    expect(nameRows(matrix)).toEqual(["cat", "True", "3"]);
    expect(nameClass(false)).toBe("False");
  });
  it("tells a cell with its share of the label", () => {
    expect(describeCell(nameRows(matrix), readCell(matrix, 0, 1))).toBe(
      "label “cat”, predicted “True”: 2 rows, 20 % of that label",
    );
    expect(readCell(matrix, 2, 2).share).toBeNull();
  });
  it("counts a pair that was chosen by its texts", () => {
    expect(countPair(matrix, "True", "3")).toBe(5);
    expect(countPair(matrix, "True", "gone")).toBeNull();
  });
  it("shades errors against errors, so that few are seen beside many right rows", () => {
    const largest = findLargest(matrix);
    expect(largest).toEqual({ right: 8, wrong: 5 });
    expect(shadeOf(readCell(matrix, 1, 2), largest)).toBe(1);
  });
  it("cannot call classes right that are summed", () => {
    const folded = {
      classes: ["a"],
      counts: [
        [3, 1],
        [1, 9],
      ],
      n_folded: 4,
    };
    expect(nameRows(folded)).toEqual(["a", "4 others"]);
    expect(readCell(folded, 1, 1).isRight).toBe(false);
  });
});

describe("slices", () => {
  const slice = (value: string, difference: number | null, more: Partial<Slice> = {}): Slice =>
    ({ kind: "feature", attribute: "city", value, n: 10, difference, adjusted_p: null, ...more }) as Slice;
  const report = (slices: Slice[], higher: boolean | null = true): SliceReport => ({
    metric: "accuracy",
    higher_is_better: higher,
    n_tested: 1,
    worst: null,
    slices,
    notes: [],
  });
  const names = (slices: Slice[]) => slices.map(({ value }) => value);

  it("come worst first, and those without a difference last", () => {
    const slices = [slice("none", null), slice("good", 0.1), slice("bad", -0.2)];
    expect(names(chooseSlices(report(slices), { text: "", kind: "all", sort: "worst" }))).toEqual([
      "bad",
      "good",
      "none",
    ]);
  });
  it("by confidence come after those of the data: less often right where less sure is no news", () => {
    const slices = [slice("unsure", -0.5, { kind: "confidence" }), slice("Oslo", 0.1)];
    const shown = chooseSlices(report(slices), { text: "", kind: "all", sort: "worst" });
    expect(names(shown)).toEqual(["Oslo", "unsure"]);
  });
  it("of an error are worse where it is larger", () => {
    expect(badness(slice("x", 0.5), false)).toBe(0.5);
    expect(badness(slice("x", 0.5, { kind: "confidence" }), false)).toBe(-0.5);
  });
  it("can be searched by column and value, and cut down to those that stand out", () => {
    const slices = [slice("Oslo", -0.1, { adjusted_p: 0.01 }), slice("Rome", 0.1, { adjusted_p: 0.5 })];
    expect(names(chooseSlices(report(slices), { text: "CITY ro", kind: "all", sort: "n" }))).toEqual([
      "Rome",
    ]);
    expect(names(chooseSlices(report(slices), { text: "", kind: "notable", sort: "n" }))).toEqual(["Oslo"]);
  });
  it("share one axis that holds the value of all rows", () => {
    const some = [slice("a", null, { estimate: 0.5, low: 0.4, high: 0.6 })];
    expect(rangeOf(some, 0.9)).toEqual([0.4, 0.9]);
    expect(rangeOf([], null)).toEqual([0, 1]);
  });
});

describe("failures", () => {
  const example = (index: number, label: string, prediction: string): FailureExample => ({
    index,
    row_id: index,
    label,
    prediction,
    correct: false,
    confidence: 0.9,
    severity: 1,
    reason: "",
    features: JSON.parse('{"age": 3, "__proto__": "x", "gone": null}') as Record<string, unknown>,
  });
  const report = {
    categories: [
      { id: "near_boundary", examples: [example(1, "a", "b"), example(2, "b", "a")] },
      { id: "systematic", examples: [example(3, "a", "b")] },
    ],
  } as unknown as FailureReport;

  it("can be cut down to a category and to a pair of label and prediction", () => {
    const rows = chooseFailures(report, { category: "", label: "a", predicted: "b" });
    expect(rows.map(({ example: { index } }) => index)).toEqual([1, 3]);
    expect(chooseFailures(report, { category: "systematic", label: "", predicted: "" })).toHaveLength(1);
  });
  it("show the cells of any column, missing ones too", () => {
    const rows = chooseFailures(report, { category: "", label: "", predicted: "" });
    expect(listFeatures(rows)).toEqual(["age", "__proto__", "gone"]);
    expect(showFeature(example(1, "a", "b"), "__proto__")).toBe("x");
    expect(showFeature(example(1, "a", "b"), "gone")).toBe("(missing)");
    expect(showFeature(example(1, "a", "b"), "toString")).toBe("(missing)");
  });
  it("tell the thresholds of a category in words, also ones that are new", () => {
    const category = { thresholds: { confidence_from: 0.99, other_limit: 2 } } as unknown as FailureCategory;
    expect(describeThresholds(category)).toBe("confidence at least 0.99, other limit 2");
  });
});

describe("stress tests", () => {
  it("come with what hurts most first, and their bars have one scale that is never 0", () => {
    const report = {
      families: [
        { family: "noise", mean_relative_drop: 0.1, severities: [{ relative_drop: 0.2 }] },
        { family: "scale", mean_relative_drop: null, severities: [] },
        { family: "shift", mean_relative_drop: 0.3, severities: [{ relative_drop: null }] },
      ],
    } as unknown as StressReport;
    expect(sortFamilies(report.families).map(({ family }) => family)).toEqual(["shift", "noise", "scale"]);
    expect(largestDrop(report)).toBe(0.2);
    expect(largestDrop({ families: [] } as unknown as StressReport)).toBeGreaterThan(0);
  });
  it("say amounts with their unit", () => {
    expect(showAmount("missing_cells", 0.05)).toBe("5 %");
    expect(showAmount("scale", 1.5)).toBe("× 1.5");
    expect(showAmount("noise", 0.1)).toBe("0.1 sd");
  });
});

it("the reach of a hundred thousand points is found without a stack overflow", () => {
  const many = Array.from({ length: 300_000 }, (_, at) => at);
  expect(reachOf(many, [-1])).toEqual([-1, 299_999]);
});
