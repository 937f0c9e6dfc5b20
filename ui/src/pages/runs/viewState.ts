/** How the table is set up, as the address and saved views have it. */

import { type Column, readColumn, writeColumn } from "./columns";

/** Names in the address: texts that may be given more than once. */
export const VIEW_NAMES = ["q", "col", "sort", "group", "metric", "summary"] as const;
export type ViewName = (typeof VIEW_NAMES)[number];
export type ViewAddress = Readonly<Partial<Record<ViewName, readonly string[]>>>;

export interface SortKey {
  field: string;
  isDescending: boolean;
}

export const GROUP_SUMMARIES = ["final", "min", "max", "last"] as const;
export type GroupSummary = (typeof GROUP_SUMMARIES)[number];

export interface RunsView {
  query: string;
  /** `null` until someone chooses. */
  columns: readonly Column[] | null;
  /** Newest first without any. */
  sort: readonly SortKey[];
  /** `seed`, or params as fields; no groups without any. */
  groupBy: readonly string[];
  groupMetrics: readonly string[];
  groupSummary: GroupSummary;
}

export function readView(address: ViewAddress): RunsView {
  const columns = address.col ?? [];
  const summary = GROUP_SUMMARIES.find((name) => name === address.summary?.[0]);
  return {
    query: address.q?.[0] ?? "",
    columns: columns.length === 0 ? null : columns.map(readColumn),
    sort: (address.sort ?? []).map(readSort),
    groupBy: address.group ?? [],
    groupMetrics: address.metric ?? [],
    groupSummary: summary ?? "final",
  };
}

/** Only what is not as it would be anyway. */
export function writeView(view: RunsView): Record<ViewName, readonly string[]> {
  return {
    q: view.query === "" ? [] : [view.query],
    col: (view.columns ?? []).map(writeColumn),
    sort: view.sort.map(writeSort),
    group: view.groupBy,
    metric: view.groupMetrics,
    summary: view.groupSummary === "final" ? [] : [view.groupSummary],
  };
}

/** The view in an address. */
export function viewAddressOf(params: URLSearchParams): ViewAddress {
  return Object.fromEntries(VIEW_NAMES.map((name) => [name, params.getAll(name)]));
}

/** The view in the state that the server keeps, whatever that holds. */
export function viewAddressIn(state: Readonly<Record<string, unknown>>): ViewAddress {
  return Object.fromEntries(
    VIEW_NAMES.map((name) => {
      const kept = Object.hasOwn(state, name) ? state[name] : [];
      return [name, Array.isArray(kept) ? kept.filter((item) => typeof item === "string") : []];
    }),
  );
}

export function isSameView(one: ViewAddress, other: ViewAddress): boolean {
  return VIEW_NAMES.every((name) => JSON.stringify(one[name] ?? []) === JSON.stringify(other[name] ?? []));
}

export function writeSort({ field, isDescending }: SortKey): string {
  return `${isDescending ? "-" : ""}${field}`;
}

function readSort(text: string): SortKey {
  return { field: text.replace(/^-/, ""), isDescending: text.startsWith("-") };
}

/** Whether new runs belong at the top. */
export function isNewestFirst(sort: readonly SortKey[]): boolean {
  const [first] = sort;
  return first === undefined || (first.field === "started_at" && first.isDescending);
}
