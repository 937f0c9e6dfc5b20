import { expect, test } from "vitest";
import type { Comparison } from "../comparison";
import type { ReportData } from "./data";
import { writeReport } from "./writeReport";

const ATTACK = `</style><script>alert(1)</script><img src=x onerror="alert(1)">`;
const interval = {
  estimate: 0.1,
  low: 0.05,
  high: 0.15,
  level: 0.95,
  method: "t",
  n_resamples: 0,
  n_dropped: 0,
  seed: null,
  note: null,
};
const run = (run_id: string, label: string) => ({
  ...{
    run_id,
    label,
    name: label,
    project_id: null,
    status: "completed",
    timestamp: "2026-11-20T09:30:00+00:00",
  },
  ...{ seed: 7, group: null, n: 200, rows_sha256: null, primary: 0.9 },
});

const comparison = {
  ...{ runs: [run("a", ATTACK), run("b", "svm")], baseline: null, split: "test", primary_metric: "accuracy" },
  ...{ higher_is_better: true, min_effect: 0.01, secondary: [], metrics: [], groups: [], slices: [] },
  verdicts: [
    {
      ...{
        a: "a",
        b: "b",
        metric: "accuracy",
        higher_is_better: true,
        verdict: "better",
        basis: "paired rows",
      },
      ...{ sentence: "svm is better than the other.", a_value: 0.8, b_value: 0.9, difference: 0.1, interval },
      ...{
        test: "delong",
        p_value: 0.001,
        adjusted_p: 0.001,
        family_size: 1,
        n: 200,
        n_text: "200 paired rows",
      },
      ...{ minimum_detectable: 0.05, equivalence: null, needed: null, notes: [] },
    },
  ],
  changed_examples: [
    {
      a: "a",
      b: "b",
      n: 2,
      n_fixed: 1,
      n_broken: 1,
      n_both_right: 0,
      n_both_wrong: 0,
      fixed: [ATTACK],
      broken: [2],
    },
  ],
  differences: {
    params: [{ name: ATTACK, values: { a: ATTACK, b: 1 } }],
    ...{ config: [], environment: [], packages: [] },
    code: [
      {
        a: "a",
        b: "b",
        same_commit: true,
        same_changes: false,
        diff: `+${ATTACK}`,
        note: "The same commit.",
      },
    ],
  },
  radar: { axes: [], note: "none" },
  warnings: [ATTACK],
  sentences: ["svm is better than the other.", "This holds for this test set."],
} as unknown as Comparison;

const data: ReportData = {
  asked: { runIds: ["a", "b"], baseline: "a", metric: "accuracy", split: "test", minEffect: 0.01 },
  comparison,
  lines: [],
  curves: [{ title: ATTACK, svg: "<svg xmlns='http://www.w3.org/2000/svg'/>" }],
};
const at = new Date("2026-11-27T10:00:00Z");
const html = writeReport(data, at, "http://127.0.0.1:8000/#/compare?run=a&run=b");

test("a report says the verdict, what it holds for, and how to repeat it", () => {
  expect(html).toContain("svm is better than the other.");
  expect(html).toContain("This holds for this test set.");
  expect(html).toContain("modellab compare a b --baseline a --metric accuracy --min-effect 0.01 --slices");
  expect(html).toContain("modellab repro pack a -o a.zip");
  expect(html).toContain("http://127.0.0.1:8000/#/compare?run=a&amp;run=b");
});

test("nothing in a report runs or is fetched, whatever stands in names, params, diffs and warnings", () => {
  expect(html).not.toMatch(/<script|<img src=x|<\/style><script/i);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  expect(html).toContain("default-src &#x27;none&#x27;");
  expect([...html.matchAll(/\s(?:src|href)="([^"]*)"/g)].every(([, to]) => to?.startsWith("data:"))).toBe(
    true,
  );
});

test("reports on the same differ in the line that says when, and in nothing else", () => {
  const later = writeReport(
    data,
    new Date("2026-11-28T11:00:00Z"),
    "http://127.0.0.1:8000/#/compare?run=a&run=b",
  );
  expect(later).not.toBe(html);
  expect(later.replace("2026-11-28 11:00:00 UTC", "2026-11-27 10:00:00 UTC")).toBe(html);
});
