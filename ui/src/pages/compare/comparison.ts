/** What a comparison's answer says, read for tables and charts. Pure. */

import type { Schemas } from "~/api/client";
import { colorOf } from "~/format/run";

export type Comparison = Schemas["VerdictsBody"];
export type PairVerdict = Schemas["PairVerdictBody"];
export type VerdictWord = PairVerdict["verdict"];
export type Interval = Schemas["IntervalBody"];

export const MIN_COMPARED = 2;
export const MAX_COMPARED = 50;

/** A run or a seed group: what stands on either side of a verdict. */
export interface Side {
  id: string;
  label: string;
  runIds: readonly string[];
  isGroup: boolean;
  color: string;
}

/** Runs and groups by the ids that verdicts use. */
export function listSides(comparison: Pick<Comparison, "runs" | "groups">): Map<string, Side> {
  const sides = new Map<string, Side>();
  for (const { run_id: id, label } of comparison.runs)
    sides.set(id, { id, label, runIds: [id], isGroup: false, color: colorOf(id) });
  for (const { group_id: id, label, run_ids: runIds } of comparison.groups)
    sides.set(id, { id, label, runIds, isGroup: true, color: colorOf(id) });
  return sides;
}

/** Whether verdicts are on seed groups rather than on runs. */
export function comparesGroups(comparison: Pick<Comparison, "verdicts" | "groups">): boolean {
  const groups = new Set(comparison.groups.map((group) => group.group_id));
  return comparison.verdicts.some((verdict) => groups.has(verdict.a));
}

export type Tone = "better" | "worse" | "unsure";

/** Which colour stands beside a verdict's word. */
export function toneOf(word: VerdictWord): Tone {
  return word === "better" || word === "worse" ? word : "unsure";
}

/** The verdict of a pair seen from `from`: what the other one is against it. Exchanged if need be. */
export function turnVerdict(verdict: PairVerdict, from: string): PairVerdict {
  if (verdict.a === from) return verdict;
  const { interval } = verdict;
  const turned: Record<string, VerdictWord> = { better: "worse", worse: "better" };
  return {
    ...verdict,
    a: verdict.b,
    b: verdict.a,
    a_value: verdict.b_value,
    b_value: verdict.a_value,
    verdict: turned[verdict.verdict] ?? verdict.verdict,
    difference: negate(verdict.difference),
    interval: interval && {
      ...interval,
      estimate: negate(interval.estimate),
      low: negate(interval.high),
      high: negate(interval.low),
    },
  };
}

/** The other side that is shown to be better in this pair; `null` if neither is. */
export function findWinner(verdict: PairVerdict): string | null {
  return verdict.verdict === "better" ? verdict.b : verdict.verdict === "worse" ? verdict.a : null;
}

/**
 * The one side that is shown to be better than every other, or `null`.
 *
 * A higher number alone makes no best one: it must be told apart from each, so pairs that were not compared
 * leave none.
 */
export function findBest(ids: readonly string[], verdicts: readonly PairVerdict[]): string | null {
  const beaten = new Map<string, Set<string>>();
  for (const verdict of verdicts) {
    const winner = findWinner(verdict);
    if (winner === null) continue;
    const others = beaten.get(winner) ?? new Set();
    others.add(winner === verdict.a ? verdict.b : verdict.a);
    beaten.set(winner, others);
  }
  const isBest = (id: string) => ids.every((other) => other === id || beaten.get(id)?.has(other));
  return ids.length < 2 ? null : (ids.find(isBest) ?? null);
}

const WORDS: readonly VerdictWord[] = [
  "better",
  "worse",
  "equivalent",
  "identical",
  "borderline",
  "no difference shown",
  "cannot tell",
];

/** How many pairs have each word, those that say something first; words that no pair has are left out. */
export function countWords(verdicts: readonly PairVerdict[]): [VerdictWord, number][] {
  return WORDS.map((word): [VerdictWord, number] => [
    word,
    verdicts.filter((verdict) => verdict.verdict === word).length,
  ]).filter(([, count]) => count > 0);
}

/** Verdicts with those that say something first, the largest difference first among them. */
export function sortByWord(verdicts: readonly PairVerdict[]): PairVerdict[] {
  const place = (verdict: PairVerdict) => {
    const at = WORDS.indexOf(verdict.verdict);
    return at === 1 ? 0 : at;
  };
  return [...verdicts].sort(
    (one, other) =>
      place(one) - place(other) || Math.abs(other.difference ?? 0) - Math.abs(one.difference ?? 0),
  );
}

/** The sentences that are no verdict of a pair: what all of them hold for. */
export function listScope(comparison: Pick<Comparison, "sentences" | "verdicts">): string[] {
  const said = new Set(comparison.verdicts.map((verdict) => verdict.sentence));
  return comparison.sentences.filter((sentence) => !said.has(sentence));
}

const LONGEST = 48;

/** A name that fits in a line. */
export function cutName(label: string): string {
  const letters = [...label];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 8).join("")}…` : label;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/**
 * A sentence with the longest names cut, so that it can be read; whole they stand in the tables. Names that are
 * written from right to left are set apart, so that they do not turn the words around them.
 */
export function cutNames(sentence: string, labels: Iterable<string>): string {
  let text = sentence;
  for (const label of labels) {
    const cut = cutName(label);
    // A function, because a text to put in would have its `$` read as signs.
    if (cut === label && !RIGHT_TO_LEFT.test(label)) continue;
    text = text.replaceAll(label, () => (RIGHT_TO_LEFT.test(cut) ? `\u2068${cut}\u2069` : cut));
  }
  return text;
}

/** An axis around 0 that holds all the differences and their intervals. */
export function rangeOfDifferences(
  items: readonly { difference: number | null; interval: Interval | null }[],
): [number, number] {
  const reach = items.flatMap(({ difference, interval }) => [difference, interval?.low, interval?.high]);
  const sizes = reach.filter((value): value is number => Number.isFinite(value)).map(Math.abs);
  const most = Math.max(0, ...sizes) || 1;
  return [-most, most];
}

function negate(value: number | null): number | null {
  // `0 -` keeps 0 from becoming -0.
  return value === null ? null : 0 - value;
}
