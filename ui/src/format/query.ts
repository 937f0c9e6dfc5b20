/** Pieces of the query language, written so that the server reads back what was meant. */

/** A text as a value: `"so"`, its quotes doubled. */
export function quoteText(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Texts that hold `text` somewhere, as the value of `ilike`. */
export function quoteContains(text: string): string {
  return quoteText(`%${text.replace(/[\\%_]/g, "\\$&")}%`);
}

/** What a metric's name may be followed by. */
export const SUMMARIES = [
  "final",
  "last",
  "first",
  "min",
  "max",
  "count",
  "n_nonfinite",
  "first_step",
  "last_step",
  "min_step",
  "max_step",
] as const;
const BARE_NAME = /^[\p{L}\p{N}_/@:-]+(?:\.[\p{L}\p{N}_/@:-]+)*$/u;

export type FieldKind = "metrics" | "params" | "tags" | "datasets" | "run";

/** What a field is of: `metrics.loss.min` is the summary `min` of the metric `loss`. */
export interface FieldParts {
  kind: FieldKind;
  name: string;
  /** Of metrics only; `final` unless another one is named. */
  summary: string | null;
}

/** A field as queries, columns and sorting write it, in its shortest form. */
export function writeField({ kind, name, summary }: FieldParts): string {
  if (kind === "run") return name;
  const tail = name.slice(name.lastIndexOf(".") + 1);
  const looksSummed = kind === "metrics" && (SUMMARIES as readonly string[]).includes(tail);
  const written = BARE_NAME.test(name) && !looksSummed ? name : quoteText(name);
  return `${kind}.${written}${summary === null || summary === "final" ? "" : `.${summary}`}`;
}

/** The parts of a field; one that the server would refuse comes back as a field of the run. */
export function readField(field: string): FieldParts {
  const dot = field.indexOf(".");
  const kind = field.slice(0, Math.max(dot, 0));
  const rest = field.slice(dot + 1);
  if (kind !== "metrics" && kind !== "params" && kind !== "tags" && kind !== "datasets")
    return { kind: "run", name: field, summary: null };
  const quoted = /^(["'`])((?:(?!\1).|\1\1)*)\1(?:\.(\w+))?$/su.exec(rest);
  if (quoted) {
    const quote = quoted[1] ?? '"';
    const name = (quoted[2] ?? "").replaceAll(quote + quote, quote);
    return { kind, name, summary: kind === "metrics" ? (quoted[3] ?? "final") : null };
  }
  if (kind !== "metrics") return { kind, name: rest, summary: null };
  const last = rest.lastIndexOf(".");
  const tail = rest.slice(last + 1);
  if (last > 0 && (SUMMARIES as readonly string[]).includes(tail))
    return { kind, name: rest.slice(0, last), summary: tail };
  return { kind, name: rest, summary: "final" };
}
