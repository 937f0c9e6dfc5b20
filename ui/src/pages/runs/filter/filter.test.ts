import { describe, expect, test } from "vitest";
import { hasClause, splitClauses, toggleClause } from "./clauses";
import { complete, hasListedValues, operatorsOf, placeAt } from "./completion";
import { splitAt } from "./mistake";
import { isPlainWords, readTokens } from "./tokens";

const at = (text: string) => placeAt(text.replace("|", ""), text.indexOf("|"));

describe("what is expected at the caret", () => {
  test.each([
    ["|", "field", ""],
    ["met|", "field", "met"],
    ["metrics.lo|", "field", "metrics.lo"],
    ["test/acc|", "field", "test/acc"],
    ['params."learning r|', "field", 'params."learning r'],
    ["metrics.loss |", "operator", ""],
    ["metrics.loss <|", "value", ""],
    ["params.model = |", "value", ""],
    ['params.model = "sv|', "value", '"sv'],
    ["params.model = sv|", "value", "sv"],
    ['params.model = "svm" |', "join", ""],
    ['params.model = "svm" a|', "join", "a"],
    ['params.model = "svm" and |', "field", ""],
    ["params.model in |", "list", ""],
    ["params.model in (|", "value", ""],
    ['params.model in ("a", |', "value", ""],
    ['params.model in ("a") |', "join", ""],
    ["seed between 1 |", "join", ""],
    ["seed between 1 and |", "value", ""],
    ["seed between 1 and 3 and |", "field", ""],
    ["not |", "field", ""],
    ["exists tags.team and |", "field", ""],
    ["note is |", "operator", ""],
    ["note is not null |", "join", ""],
    ["(status = |", "value", ""],
  ])("%s: a %s", (text, expects, typed) => {
    expect(at(text)).toMatchObject({ expects, typed });
  });

  test("a value knows its field and operator", () => {
    expect(at("tags.team not in (|")).toMatchObject({ field: "tags.team", operator: "not in" });
  });

  test("what is before the caret counts, what is after it stays", () => {
    const place = at('met| > 1 and status = "failed"');
    expect(complete('met > 1 and status = "failed"', place, "metrics.loss")).toEqual({
      text: 'metrics.loss > 1 and status = "failed"',
      caret: 13,
    });
  });
});

test("a metric can be asked whether it is NaN, a text cannot", () => {
  expect(operatorsOf("number", true)).toContain("is nan");
  expect(operatorsOf("text", false)).not.toContain("is nan");
});

test("words without an operator are words to look for", () => {
  expect(isPlainWords("resnet 50 baseline")).toBe(true);
  expect(isPlainWords("🚀 مرحبا")).toBe(true);
  expect(isPlainWords("name = 1")).toBe(false);
  expect(isPlainWords("exists tags.team")).toBe(false);
  expect(isPlainWords("metrics.acc")).toBe(false);
  expect(isPlainWords("v1.2 run")).toBe(true);
  expect(isPlainWords(" ")).toBe(false);
});

test("every character is in a token, whatever is typed", () => {
  for (const text of ['a"b', "<script>", "metrics.", "`open", "😀😀", "params.'x"]) {
    expect(
      readTokens(text)
        .map((token) => token.text)
        .join(""),
    ).toBe(text.replace(/\s/g, ""));
  }
});

describe("clauses", () => {
  test("are what `and` joins, with between and parentheses kept whole", () => {
    expect(splitClauses('seed between 1 and 3 and (a = 1 and b = 2) and note like "x and y"')).toEqual([
      "seed between 1 and 3",
      "(a = 1 and b = 2)",
      'note like "x and y"',
    ]);
  });
  const running = 'status = "running"';
  test("are put in and taken out", () => {
    expect(toggleClause("", running)).toBe(running);
    expect(toggleClause(running, running)).toBe("");
    expect(toggleClause("seed = 1", running)).toBe(`seed = 1 and ${running}`);
    expect(hasClause(`seed = 1 and ${running}`, running)).toBe(true);
  });
  test("take the place of what cannot hold together with them", () => {
    expect(toggleClause('status = "failed" and seed = 1', running, ['status = "failed"'])).toBe(
      `seed = 1 and ${running}`,
    );
  });
  test("keep an `or` in parentheses", () => {
    expect(toggleClause("seed = 1 or seed = 2", "note is null")).toBe(
      "(seed = 1 or seed = 2) and note is null",
    );
  });
});

describe("a mistake", () => {
  test("marks the word at which reading stopped", () => {
    expect(splitAt("metrics.a >> 1", 11)).toEqual(["metrics.a >", ">", " 1"]);
  });
  test("counts characters as the server does, not halves of them", () => {
    expect(splitAt('name = "🚀" foo', 11)).toEqual(['name = "🚀" ', "foo", ""]);
  });
  test("at the end marks the blank that is there", () => {
    expect(splitAt("seed =", 6)).toEqual(["seed =", "\u00a0", ""]);
  });
  test("without a place marks nothing", () => {
    expect(splitAt("seed =", null)).toEqual(["", null, ""]);
  });
});

test.each([
  ["params.model", true],
  ["tags.team", true],
  ["datasets.name", true],
  ["user", true],
  ["params.", false],
  ["metrics.loss", false],
  ["started_at", false],
  ["status", false],
  ["a word", false],
])("values of %s are asked of the server: %s", (field, isAsked) => {
  const attributes = [
    { name: "user", kind: "text" },
    { name: "started_at", kind: "time" },
    { name: "status", kind: "text" },
  ];
  expect(hasListedValues(field, attributes)).toBe(isAsked);
});
