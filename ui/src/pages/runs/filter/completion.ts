/** What may stand at the caret of a query, and where a suggestion goes. */

import { readField } from "~/format/query";
import { keywordOf, readTokens, type Token } from "./tokens";

export interface Place {
  expects: "field" | "operator" | "value" | "list" | "join";
  /** The field that is being compared, when an operator or a value is expected. */
  field: string | null;
  operator: string | null;
  /** What is replaced by a suggestion, and what is typed of it so far. */
  from: number;
  to: number;
  typed: string;
}

type State = Pick<Place, "expects" | "field" | "operator"> & { isList: boolean; isBetween: boolean };

const START: State = { expects: "field", field: null, operator: null, isList: false, isBetween: false };

/** What is expected at `caret`, judged by what stands before it. */
export function placeAt(text: string, caret: number): Place {
  const tokens = readTokens(text);
  const here = tokens.find((token) => token.from < caret && caret <= token.to && isBeingTyped(token, caret));
  const before = tokens.filter((token) => token.to <= caret && token !== here);
  const state = before.reduce(follow, START);
  const { expects, field, operator } = state;
  if (here === undefined) return { expects, field, operator, from: caret, to: caret, typed: "" };
  return { expects, field, operator, from: here.from, to: here.to, typed: text.slice(here.from, caret) };
}

/** A sign, or a text whose quotes are closed, is done with; a word may go on. */
function isBeingTyped(token: Token, caret: number): boolean {
  if (token.kind === "symbol") return false;
  if (token.kind !== "string" || caret < token.to) return true;
  return token.text.length === 1 || token.text.at(-1) !== token.text[0];
}

function follow(state: State, token: Token): State {
  const keyword = keywordOf(token);
  switch (state.expects) {
    case "field":
      if (keyword !== null || token.kind === "symbol") return state;
      return { ...START, expects: "operator", field: token.text };
    case "operator":
      return afterOperator(state, token, keyword);
    case "list":
      return { ...state, expects: "value" };
    case "value":
      return afterValue(state, token);
    case "join":
      if (keyword === "and" && state.isBetween) return { ...state, expects: "value", isBetween: false };
      return keyword === "and" || keyword === "or" ? START : state;
  }
}

function afterOperator(state: State, token: Token, keyword: string | null): State {
  const operator = state.operator === "not" && keyword !== null ? `not ${keyword}` : (keyword ?? token.text);
  if (keyword === "in") return { ...state, expects: "list", operator, isList: true };
  if (keyword === "between") return { ...state, expects: "value", operator, isBetween: true };
  if (keyword === "not" || keyword === "is") return { ...state, operator };
  if (keyword === "null" || keyword === "nan") return { ...state, expects: "join" };
  // `exists tags.team and …`: the field was all there is to it.
  if (keyword === "and" || keyword === "or") return START;
  return token.text === ")" ? { ...state, expects: "join" } : { ...state, expects: "value", operator };
}

function afterValue(state: State, token: Token): State {
  if (!state.isList) return { ...state, expects: "join" };
  return token.text === ")" ? { ...state, expects: "join", isList: false } : state;
}

/** The text with `chosen` at the place, a blank after it, and where the caret then stands. */
export function complete(text: string, place: Place, chosen: string): { text: string; caret: number } {
  const rest = text.slice(place.to).replace(/^\s+/, "");
  const start = `${text.slice(0, place.from)}${chosen} `;
  return { text: start + rest, caret: start.length };
}

const BY_KIND: Readonly<Record<string, readonly string[]>> = {
  number: ["=", "!=", "<", "<=", ">", ">=", "between", "in", "is null", "is not null"],
  text: ["=", "!=", "like", "ilike", "not like", "in", "not in", "is null", "is not null"],
  time: [">", ">=", "<", "<=", "=", "between", "is null"],
  bool: ["=", "!=", "is null"],
  any: ["=", "!=", "<", "<=", ">", ">=", "in", "like", "ilike", "is null", "is not null"],
};

/** The operators that a kind of value has, and for a metric `is nan`. */
export function operatorsOf(kind: string, isMetric: boolean): readonly string[] {
  const known = BY_KIND[kind] ?? BY_KIND.any ?? [];
  return isMetric ? [...known, "is nan"] : known;
}

/**
 * Whether the server lists the values of a field: those of metrics and times hardly repeat, and a word that is
 * no field has none.
 */
export function hasListedValues(
  field: string,
  attributes: readonly { name: string; kind: string }[],
): boolean {
  const { kind, name } = readField(field);
  if (kind === "params" || kind === "tags") return name !== "";
  if (kind === "datasets") return name === "name";
  return attributes.some((one) => one.name === field && one.kind !== "time" && field !== "status");
}
