import { describe, expect, test } from "vitest";
import {
  countWords,
  cutNames,
  findBest,
  listScope,
  type PairVerdict,
  rangeOfDifferences,
  sortByWord,
  turnVerdict,
  type VerdictWord,
} from "./comparison";

function judge(a: string, b: string, verdict: VerdictWord, difference = 0.1): PairVerdict {
  return {
    ...{ a, b, verdict, difference, metric: "accuracy", higher_is_better: true, basis: "paired rows" },
    ...{ sentence: `${b} ${verdict} ${a}`, a_value: 0.8, b_value: 0.8 + difference, test: "delong" },
    interval: {
      ...{ estimate: difference, low: difference - 0.05, high: difference + 0.02, level: 0.95, method: "t" },
      ...{ n_resamples: 0, n_dropped: 0, seed: null, note: null },
    },
    ...{ p_value: 0.01, adjusted_p: 0.02, family_size: 3, n: 100, n_text: "100 paired rows" },
    ...{ minimum_detectable: 0.05, equivalence: null, needed: null, notes: [] },
  };
}

describe("the best one", () => {
  test("is the one that is shown to be better than every other", () => {
    const verdicts = [judge("a", "b", "better"), judge("a", "c", "worse"), judge("b", "c", "worse")];
    expect(findBest(["a", "b", "c"], verdicts)).toBe("b");
  });

  test("is nobody where the highest is not told apart from one of them", () => {
    const verdicts = [
      judge("a", "b", "better"),
      judge("a", "c", "worse"),
      judge("b", "c", "no difference shown"),
    ];
    expect(findBest(["a", "b", "c"], verdicts)).toBeNull();
  });

  test("is nobody where a pair was not compared, as with a baseline", () => {
    expect(findBest(["a", "b", "c"], [judge("a", "b", "better"), judge("a", "c", "worse")])).toBeNull();
  });
});

test("a verdict seen from the other side has the other word, sign and ends", () => {
  const turned = turnVerdict(judge("a", "b", "better", 0.1), "b");
  expect(turned).toMatchObject({ a: "b", b: "a", verdict: "worse", difference: -0.1 });
  expect(turned.interval?.low).toBeCloseTo(-0.12);
  expect(turned.interval?.high).toBeCloseTo(-0.05);
  expect(Object.is(turnVerdict(judge("a", "b", "identical", 0), "b").difference, 0)).toBe(true);
});

test("verdicts that say something stand first, the largest difference first", () => {
  const verdicts = [
    judge("a", "b", "cannot tell"),
    judge("a", "c", "worse", -0.3),
    judge("a", "d", "better", 0.1),
  ];
  expect(sortByWord(verdicts).map((verdict) => verdict.b)).toEqual(["c", "d", "b"]);
  expect(countWords(verdicts)).toEqual([
    ["better", 1],
    ["worse", 1],
    ["cannot tell", 1],
  ]);
});

test("what all verdicts hold for is said apart from them", () => {
  const verdicts = [judge("a", "b", "better")];
  expect(listScope({ verdicts, sentences: ["b better a", "This holds for this test set."] })).toEqual([
    "This holds for this test set.",
  ]);
});

test("an axis of differences has 0 in its middle, also without any", () => {
  expect(rangeOfDifferences([judge("a", "b", "better", 0.1)])).toEqual([
    -0.12000000000000001, 0.12000000000000001,
  ]);
  expect(rangeOfDifferences([])).toEqual([-1, 1]);
});

test("names from right to left are set apart, so that the sentence keeps its direction", () => {
  expect(cutNames("svm is better than עץ on f1", ["svm", "עץ"])).toBe(
    "svm is better than \u2068עץ\u2069 on f1",
  );
});

test("names of hundreds of letters are cut in sentences, others stay", () => {
  const long = `a${"$".repeat(249)}`;
  expect(cutNames(`${long} is better than svm`, [long, "svm"])).toBe(
    `a${"$".repeat(39)}… is better than svm`,
  );
});
