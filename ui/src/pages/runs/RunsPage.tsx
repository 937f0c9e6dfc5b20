import { useCallback, useEffect, useMemo, useRef } from "react";
import { useSearchParams } from "react-router";
import type { Problem } from "~/api/client";
import { Page } from "~/components/Page";
import { quoteText } from "~/format/query";
import { useProject } from "~/state/address";
import { readTexts, usePreference } from "~/state/preference";
import {
  type Column,
  curveOf,
  defaultColumns,
  type Fields,
  inPlace,
  readColumn,
  writeColumn,
} from "./columns";
import { FilterBar } from "./filter/FilterBar";
import classes from "./grid.module.css";
import { Groups } from "./groups/Groups";
import { type TableRequest, useFields, useViews } from "./queries";
import { RunsTable } from "./RunsTable";
import { isFixed } from "./rows";
import { useRunsView } from "./useRunsView";
import { useDefaultView, useOpenView } from "./ViewsMenu";
import { VIEW_NAMES, viewAddressIn } from "./viewState";

/** All runs: filtered, sorted, grouped, side by side in any columns, as they are now. */
export default function RunsPage() {
  const project = useProject();
  const [view, change] = useRunsView();
  const input = useRef<HTMLInputElement>(null);
  const fields = useFields(project);
  const columns = useColumns(view.columns, useDefaultColumns(project, fields.data));
  const asked = useTableRequest(project, view, columns);
  const isGrouped = view.groupBy.length > 0;
  useOpenWithDefault(project);
  const showNested = useShowNested(change);

  const common = { view, change, columns, asked, fields: fields.data };
  const filterBar = (problem: Problem | null) => (
    <FilterBar query={view.query} problem={problem} onQuery={(query) => change({ query })} input={input} />
  );
  return (
    <Page title="Runs">
      <div className={classes.page}>
        {isGrouped ? (
          <Groups {...common} filterBar={filterBar} />
        ) : (
          <RunsTable {...common} filterBar={filterBar} input={input} showNested={showNested} />
        )}
      </div>
    </Page>
  );
}

/** The columns that nobody chose. The first rows need not wait for them: they are as they were last time. */
function useDefaultColumns(project: string | null, fields: Fields | undefined): readonly Column[] {
  const [kept, keep] = usePreference(`runs.columns.${project ?? ""}`, "");
  const text = fields === undefined ? kept : JSON.stringify(defaultColumns(fields).map(writeColumn));
  useEffect(() => {
    if (text !== kept) keep(text);
  }, [text, kept, keep]);
  return useMemo(() => {
    const columns = readTexts(text).map(readColumn);
    return columns.length > 0 ? columns : defaultColumns(undefined);
  }, [text]);
}

/** The columns as they are chosen or by themselves, in their order. */
function useColumns(chosen: readonly Column[] | null, byThemselves: readonly Column[]): Column[] {
  return useMemo(() => inPlace(chosen ?? byThemselves), [chosen, byThemselves]);
}

function useTableRequest(
  project: string | null,
  view: ReturnType<typeof useRunsView>[0],
  columns: readonly Column[],
): TableRequest {
  const names = columns
    .map(({ field }) => field)
    .filter((field) => curveOf(field) === null && !isFixed(field));
  // In one order, so that moving a column reads nothing anew.
  const text = JSON.stringify([...names].sort());
  return useMemo(
    () => ({ project, query: view.query, sort: view.sort, fields: JSON.parse(text) as string[] }),
    [project, view.query, view.sort, text],
  );
}

function useShowNested(change: ReturnType<typeof useRunsView>[1]): (parentId: string) => void {
  const latest = useRef(change);
  useEffect(() => {
    latest.current = change;
  });
  return useCallback((parentId) => latest.current({ query: `parent_id = ${quoteText(parentId)}` }), []);
}

/** Begins with the view that this browser was told to begin with, unless the address asks for another. */
function useOpenWithDefault(project: string | null): void {
  const [params] = useSearchParams();
  const [home] = useDefaultView(project);
  const isPlain = VIEW_NAMES.every((name) => !params.has(name));
  const done = useRef<string | null>(null);
  const views = useViews(project, home !== "" && isPlain);
  const open = useOpenView();
  useEffect(() => {
    const here = project ?? "";
    if (done.current === here) return;
    if (!isPlain || home === "") {
      done.current = here;
      return;
    }
    const view = views.data?.find(({ view_id }) => view_id === home);
    if (views.data === undefined) return;
    done.current = here;
    if (view) open(viewAddressIn(view.state), { push: false });
  });
}
