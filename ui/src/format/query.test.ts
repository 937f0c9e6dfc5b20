import { expect, test } from "vitest";
import { quoteContains, quoteText, readField, writeField } from "./query";

test("a text with quotes is written so that it reads back", () => {
  expect(quoteText('say "hi"')).toBe('"say ""hi"""');
});

test("signs of patterns are looked for as they are", () => {
  expect(quoteContains("50%_a")).toBe('"%50\\%\\_a%"');
});

test.each([
  ["metrics.loss", { kind: "metrics", name: "loss", summary: "final" }],
  ["metrics.train/loss.min", { kind: "metrics", name: "train/loss", summary: "min" }],
  ['metrics."loss.min"', { kind: "metrics", name: "loss.min", summary: "final" }],
  ['metrics."loss.min".max', { kind: "metrics", name: "loss.min", summary: "max" }],
  ['params."learning rate"', { kind: "params", name: "learning rate", summary: null }],
  ['params."say ""hi"""', { kind: "params", name: 'say "hi"', summary: null }],
  ["metrics.__proto__", { kind: "metrics", name: "__proto__", summary: "final" }],
  ["tags.a/b/c", { kind: "tags", name: "a/b/c", summary: null }],
  ["datasets.name", { kind: "datasets", name: "name", summary: null }],
  ["started_at", { kind: "run", name: "started_at", summary: null }],
] as const)("%s has its parts and is written from them", (field, parts) => {
  expect(readField(field)).toEqual(parts);
  expect(writeField(parts)).toBe(field);
});

test("a name with a line break or emoji is one name", () => {
  const parts = { kind: "tags", name: "🚀\nx", summary: null } as const;
  expect(readField(writeField(parts))).toEqual(parts);
});
