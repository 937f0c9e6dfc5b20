import { expect, test } from "vitest";
import type { PairVerdict } from "../comparison";
import { countNeeded, sayNeeded } from "./power";

const verdict = {
  verdict: "no difference shown",
  basis: "paired rows",
  difference: 0.01,
  n: 400,
  n_text: "400 paired rows",
  minimum_detectable: 0.04,
  needed: null,
} as PairVerdict;

test("half the gap takes four times the rows", () => {
  expect(countNeeded(verdict, 0.02)).toBe(1600);
  expect(countNeeded(verdict, -0.02)).toBe(1600);
});

test("no number is made up where there is no gap or no power known", () => {
  expect(countNeeded(verdict, 0)).toBeNull();
  expect(countNeeded(verdict, null)).toBeNull();
  expect(countNeeded({ n: 400, minimum_detectable: null }, 0.02)).toBeNull();
  expect(countNeeded(verdict, 1e-300)).toBeNull();
});

test("it is said what such data find, and what the gaps of interest take", () => {
  const [found, seen, matters] = sayNeeded(verdict, 0.02);
  expect(found).toBe("With 400 paired rows, a gap of 0.04 is found with a chance of 80 %.");
  expect(seen).toBe("For the gap that was seen, 0.01, it takes about 6\u202f400 paired rows.");
  expect(matters).toBe("For the smallest that matters, 0.02, it takes about 1\u202f600 paired rows.");
});

test("what was told apart needs nothing more", () => {
  expect(sayNeeded({ ...verdict, verdict: "better" }, 0.02)).toEqual([]);
});

test("without a test, only what is missing is said", () => {
  const bare = {
    ...verdict,
    verdict: "cannot tell",
    basis: "final numbers",
    needed: "Log predictions.",
  } as PairVerdict;
  expect(sayNeeded({ ...bare, minimum_detectable: null }, null)).toEqual(["Log predictions."]);
});
