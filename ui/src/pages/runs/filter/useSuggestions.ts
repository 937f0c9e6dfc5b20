import { useDebouncedValue } from "@mantine/hooks";
import { countOf, formatCount } from "~/format/number";
import { quoteText, readField } from "~/format/query";
import { ATTRIBUTES, type Fields } from "../columns";
import { useFields, useFieldValues } from "../queries";
import { hasListedValues, operatorsOf, type Place, placeAt } from "./completion";
import { isPlainWords } from "./tokens";

export interface Suggestion {
  /** What is written at the place, or the whole query. */
  text: string;
  label: string;
  detail: string;
  isWhole: boolean;
}

const MAX_SHOWN = 12;
const AGES = ["-1h", "-24h", "-7d", "-30d"];
const STATUSES = ["running", "completed", "failed", "pending"];

/** What may be written at the caret, from what the runs of the project have. */
export function useSuggestions(
  project: string | null,
  text: string,
  caret: number,
  isOn: boolean,
): Suggestion[] {
  const place = placeAt(text, caret);
  const [typed] = useDebouncedValue(place.typed, 120);
  const wanted = fieldSearch(place.expects === "field" ? typed : "");
  const fields = useFields(project, wanted.search, wanted.kinds, isOn).data;
  const field = place.expects === "value" ? place.field : null;
  const kind = kindOf(field ?? place.field, fields);
  const values = useFieldValues(project, isOn ? listedField(field, fields) : null, unquote(typed)).data;
  if (!isOn) return [];
  const found = suggest(place, kind, fields, field, values?.values ?? []);
  return isPlainWords(text) ? [searchFor(text), ...found] : found;
}

function searchFor(text: string): Suggestion {
  return { text, label: `“${text.trim()}”`, detail: "in the name or note", isWhole: true };
}

type FoundValue = { value: string | number | boolean; n_runs: number };

function suggest(
  place: Place,
  kind: string,
  fields: Fields | undefined,
  field: string | null,
  values: readonly FoundValue[],
): Suggestion[] {
  switch (place.expects) {
    case "field":
      return suggestFields(place.typed, fields);
    case "operator":
      return words(operatorsOf(kind, place.field?.startsWith("metrics.") ?? false), place.typed);
    case "list":
      return words(["("], "");
    case "join":
      return words(["and", "or"], place.typed);
    case "value":
      return suggestValues(field, kind, place.typed, values);
  }
}

function words(all: readonly string[], typed: string): Suggestion[] {
  const begun = typed.toLowerCase();
  return all
    .filter((word) => word.startsWith(begun))
    .map((word) => ({ text: word, label: word, detail: MEANINGS.get(word) ?? "", isWhole: false }));
}

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["like", "has this form: % is any text"],
  ["ilike", "the same in any letter case"],
  ["in", "one of a list"],
  ["between", "bounds included"],
  ["is null", "the run does not have it"],
  ["is not null", "the run has it"],
  ["is nan", "the value is NaN"],
]);

/** `metrics.lo` looks for `lo` among metrics; a word without a dot among all. */
function fieldSearch(typed: string): { search: string; kinds?: ("metrics" | "params" | "tags")[] } {
  const kind = (["metrics", "params", "tags"] as const).find((name) => typed.startsWith(`${name}.`));
  if (kind === undefined) return { search: typed };
  return { search: unquote(typed.slice(kind.length + 1)), kinds: [kind] };
}

function suggestFields(typed: string, fields: Fields | undefined): Suggestion[] {
  const begun = typed.toLowerCase();
  const own = [...ATTRIBUTES.keys(), "datasets.name"]
    .filter((name) => name.includes(begun))
    .map((name) => ({
      text: name,
      label: name,
      detail: ATTRIBUTES.get(name)?.what ?? "Datasets that a run used.",
      isWhole: false,
    }));
  const named = [...(fields?.params ?? []), ...(fields?.metrics ?? []), ...(fields?.tags ?? [])].map(
    ({ field, n_runs }) => ({ text: field, label: field, detail: countOf(n_runs, "run"), isWhole: false }),
  );
  // What begins as it was typed is meant more often than what holds it somewhere.
  const all = begun === "" ? [...named.slice(0, 8), ...own] : [...own, ...named];
  return all.toSorted((a, b) => Number(isBegun(b, begun)) - Number(isBegun(a, begun))).slice(0, MAX_SHOWN);
}

function isBegun({ text }: Suggestion, begun: string): boolean {
  return text.toLowerCase().startsWith(begun) || readField(text).name.toLowerCase().startsWith(begun);
}

function kindOf(field: string | null, fields: Fields | undefined): string {
  if (field === null) return "any";
  const { kind, name } = readField(field);
  if (kind === "metrics") return "number";
  if (kind === "tags" || kind === "datasets") return "text";
  if (kind === "params") return "any";
  return fields?.attributes.find((attribute) => attribute.name === name)?.kind ?? "text";
}

function listedField(field: string | null, fields: Fields | undefined): string | null {
  return field !== null && hasListedValues(field, fields?.attributes ?? []) ? field : null;
}

function suggestValues(
  field: string | null,
  kind: string,
  typed: string,
  values: readonly FoundValue[],
): Suggestion[] {
  const own = field === "status" ? STATUSES : kind === "time" ? AGES : [];
  const begun = unquote(typed).toLowerCase();
  if (own.length > 0) {
    return own
      .filter((value) => value.startsWith(begun))
      .map((value) => ({
        text: quoteText(value),
        label: value,
        detail: kind === "time" ? "ago" : "",
        isWhole: false,
      }));
  }
  return values
    .filter(({ value }) => String(value).toLowerCase().startsWith(begun))
    .map(({ value, n_runs }) => ({
      text: typeof value === "string" ? quoteText(value) : String(value),
      label: String(value),
      detail: `${formatCount(n_runs)} ${n_runs === 1 ? "run" : "runs"}`,
      isWhole: false,
    }));
}

/** What was typed of a text, without the quote that it begins with. */
function unquote(typed: string): string {
  return typed.replace(/^["'`]/, "").replace(/["'`]$/, "");
}
