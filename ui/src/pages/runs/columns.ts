/** The columns of the table: what each shows, is called, and how wide it begins. */

import type { Schemas } from "~/api/client";
import { readField } from "~/format/query";

export type Fields = Schemas["FieldsBody"];

/** A column as the address has it. */
export interface Column {
  /** A field of the query language, or `curve:` and a metric's name for its curve. */
  field: string;
  /** Pixels; without, the width of its kind. */
  width?: number;
  isPinned?: boolean;
}

const CURVE = "curve:";
export const NAME_FIELD = "name";
export const MIN_WIDTH = 48;
export const MAX_WIDTH = 1200;
export const MAX_COLUMNS = 100;

/** The metric whose curve a column draws, or `null`. */
export function curveOf(field: string): string | null {
  return field.startsWith(CURVE) ? field.slice(CURVE.length) : null;
}

export function curveField(metric: string): string {
  return CURVE + metric;
}

interface Attribute {
  label: string;
  width: number;
  what: string;
}

/** Fields of a run itself, as people call them. */
export const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map(
  Object.entries({
    name: { label: "Run", width: 260, what: "Its name, or the end of its id." },
    status: { label: "Status", width: 108, what: "Pending, running, completed or failed." },
    started_at: { label: "Started", width: 112, what: "When it started." },
    ended_at: { label: "Ended", width: 112, what: "When it ended." },
    duration_s: { label: "Duration", width: 104, what: "From start to end; of a running one, until now." },
    seed: { label: "Seed", width: 64, what: "The seed it was run with." },
    note: { label: "Note", width: 220, what: "What someone wrote about it." },
    error: { label: "Error", width: 260, what: "Why it failed." },
    project_id: { label: "Project", width: 130, what: "The project it belongs to." },
    dataset_id: { label: "Dataset", width: 150, what: "The dataset it says it used." },
    parent_id: { label: "Parent", width: 100, what: "The run it is nested in." },
    run_id: { label: "Run id", width: 270, what: "Its id." },
    n_artifacts: { label: "Artifacts", width: 84, what: "How many artifacts it has." },
    n_dropped: { label: "Dropped", width: 84, what: "Records that could not be written while it ran." },
    function: { label: "Function", width: 130, what: "The function that was recorded." },
    command: { label: "Command", width: 260, what: "The command that started it." },
    description: { label: "Description", width: 220, what: "What it is for." },
    git_hash: { label: "Commit", width: 92, what: "The commit it ran from." },
    git_branch: { label: "Branch", width: 120, what: "The branch it ran from." },
    git_dirty: {
      label: "Changed code",
      width: 110,
      what: "Whether it ran from code that was not committed.",
    },
    python_version: { label: "Python", width: 84, what: "The version of Python." },
    hostname: { label: "Host", width: 130, what: "The machine it ran on." },
    user: { label: "User", width: 110, what: "Who ran it." },
    wandb_url: { label: "W&B", width: 180, what: "Its page at Weights & Biases." },
  }),
);

/** What a person reads above a column, and in full when they ask. */
export function describeColumn(field: string): { label: string; detail: string } {
  const curve = curveOf(field);
  if (curve !== null) return { label: curve, detail: `Curve of the metric ${curve}, over its steps` };
  const parts = readField(field);
  if (parts.kind === "run") {
    const known = ATTRIBUTES.get(field);
    return {
      label: known?.label ?? field,
      detail: known === undefined ? field : `${known.label}: ${known.what}`,
    };
  }
  if (parts.kind !== "metrics")
    return { label: parts.name, detail: `${KIND_NAMES[parts.kind]} ${parts.name}` };
  const isFinal = parts.summary === "final";
  const label = isFinal ? parts.name : `${parts.name} ${parts.summary}`;
  return {
    label,
    detail: `${isFinal ? "Final value" : SUMMARY_NAMES.get(parts.summary ?? "")} of the metric ${parts.name}`,
  };
}

const KIND_NAMES = { params: "Param", tags: "Tag", datasets: "Dataset" } as const;
export const SUMMARY_NAMES: ReadonlyMap<string, string> = new Map([
  ["final", "Final value"],
  ["last", "Last value"],
  ["first", "First value"],
  ["min", "Smallest value"],
  ["max", "Largest value"],
  ["count", "Number of points"],
  ["n_nonfinite", "Number of NaN and infinite values"],
  ["first_step", "First step"],
  ["last_step", "Last step"],
  ["min_step", "Step of the smallest value"],
  ["max_step", "Step of the largest value"],
]);

export function widthOf(column: Column): number {
  if (column.width !== undefined) return column.width;
  if (curveOf(column.field) !== null) return 132;
  const { kind, name, summary } = readField(column.field);
  if (kind === "run") return ATTRIBUTES.get(name)?.width ?? 130;
  const text = name.length + (summary === null || summary === "final" ? 0 : summary.length + 1);
  return Math.min(Math.max(64 + text * 7, 92), 220);
}

/** Whether a column's values are numbers, and so stand at the right. */
export function isNumeric(field: string, fields: Fields | undefined): boolean {
  if (curveOf(field) !== null) return false;
  const { kind, name } = readField(field);
  if (kind === "metrics") return true;
  if (kind === "params") return fields?.params.find((param) => param.name === name)?.is_numeric ?? false;
  return kind === "run" && ["duration_s", "seed", "n_artifacts", "n_dropped"].includes(name);
}

/** Whether sorting by a field begins with the largest or newest: of metrics with the best, where that is known. */
export function isLargestFirst(field: string, fields: Fields | undefined): boolean {
  if (field === "started_at" || field === "ended_at") return true;
  const { kind, name } = readField(field);
  if (kind === "metrics")
    return fields?.metrics.find((metric) => metric.name === name)?.higher_is_better ?? true;
  return isNumeric(field, fields);
}

/** Names of machine readings and of latency profiles, which are not what a run was made for. */
export function isOfMachine(metric: string): boolean {
  return /^(system|latency)\//.test(metric);
}

/** What is shown until someone chooses: the state, the params that vary, the metrics that most runs have. */
export function defaultColumns(fields: Fields | undefined): Column[] {
  const varying = (fields?.params ?? []).filter(
    (param) => (param.n_values ?? 0) > 1 && (param.is_numeric || (param.n_values ?? 0) <= 50),
  );
  const metrics = (fields?.metrics ?? []).filter((metric) => !isOfMachine(metric.name));
  return [
    { field: "status" },
    { field: "started_at" },
    { field: "duration_s" },
    ...varying.slice(0, 3).map(({ field }) => ({ field })),
    ...metrics.slice(0, 4).map(({ field }) => ({ field })),
  ];
}

/** The columns with the name first, then those that are pinned, then the others. */
export function inPlace(columns: readonly Column[]): Column[] {
  const name = columns.find(({ field }) => field === NAME_FIELD) ?? { field: NAME_FIELD };
  const others = columns.filter(({ field }) => field !== NAME_FIELD);
  return [
    { ...name, isPinned: true },
    ...others.filter(({ isPinned }) => isPinned),
    ...others.filter(({ isPinned }) => !isPinned),
  ];
}

/** The columns with one of them `by` places further, within those that are pinned or those that are not. */
export function moveColumn(columns: readonly Column[], field: string, by: number): Column[] {
  const from = columns.findIndex((column) => column.field === field);
  const to = from + by;
  const [moved, other] = [columns[from], columns[to]];
  if (!moved || !other || field === NAME_FIELD || other.field === NAME_FIELD) return [...columns];
  if (!moved.isPinned !== !other.isPinned) return [...columns];
  return columns.toSpliced(from, 1).toSpliced(to, 0, moved);
}

/** The columns with one in the place of another; it is pinned if that one is. */
export function dropColumn(columns: readonly Column[], field: string, onto: string): Column[] {
  const moved = columns.find((column) => column.field === field);
  const target = columns.find((column) => column.field === onto);
  if (!moved || !target || field === onto || field === NAME_FIELD || onto === NAME_FIELD) return [...columns];
  const to = columns.indexOf(target);
  const others = columns.filter((column) => column !== moved);
  return inPlace(others.toSpliced(to, 0, { ...moved, isPinned: target.isPinned }));
}

/** A column in an address: `!` if it is pinned, the field, `~` and its width if it was given one. */
export function writeColumn({ field, width, isPinned }: Column): string {
  return `${isPinned && field !== NAME_FIELD ? "!" : ""}${field}${width === undefined ? "" : `~${Math.round(width)}`}`;
}

export function readColumn(text: string): Column {
  const [, pin, field = "", width] = /^(!?)(.*?)(?:~(\d{1,4}))?$/su.exec(text) ?? [];
  return {
    field,
    ...(width !== undefined && { width: Math.min(Math.max(Number(width), MIN_WIDTH), MAX_WIDTH) }),
    ...(pin === "!" && { isPinned: true }),
  };
}
