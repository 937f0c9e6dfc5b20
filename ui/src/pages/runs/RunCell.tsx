import { IconCornerDownRight, IconNote, IconSubtask } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Ago, Elapsed } from "~/components/Elapsed";
import { RunSwatch } from "~/components/RunLink";
import { countOf, formatCount, formatNumber, MISSING } from "~/format/number";
import { labelRun, shortId } from "~/format/run";
import { formatDuration, formatMoment } from "~/format/time";
import { CurveCell } from "./CurveCell";
import { curveOf } from "./columns";
import classes from "./grid.module.css";
import type { DrawnColumn } from "./RunRow";
import { type Cell, cellOf, type Row, type Run } from "./rows";
import type { CellPlace } from "./useColumnTable";

interface RunCellProps {
  row: Row;
  column: DrawnColumn;
  fields: readonly string[];
}

/** How long a cell shows that its value has changed. */
const CHANGED_MS = 1500;

/** What a run has in one column. Called rather than drawn as a component: there are thousands of them. */
export function RunCell({ row, column: { place, className, style }, fields }: RunCellProps) {
  const { field } = place;
  const value = cellOf(row.run, field, fields);
  const isChanged = row.changed.has(field) && Date.now() - row.readAt < CHANGED_MS;
  const { content, title, isMissing } = drawCell(row.run, place, value);
  const marks = `${isMissing ? ` ${classes.missing}` : ""}${isChanged ? ` ${classes.changed}` : ""}`;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: one moves by rows
    // biome-ignore lint/a11y/useSemanticElements: a table element cannot leave out rows and columns
    <div
      // A new key begins the mark of a change anew.
      key={isChanged ? `${field} ${row.reading}` : field}
      role="gridcell"
      aria-colindex={place.index + 1}
      className={className + marks}
      style={style}
      title={title}
    >
      {content}
    </div>
  );
}

interface DrawnCell {
  content: ReactNode;
  title?: string | undefined;
  isMissing?: boolean;
}

function drawCell(run: Run, { field, width }: CellPlace, value: Cell | undefined): DrawnCell {
  const curve = curveOf(field);
  if (curve !== null)
    return { content: <CurveCell runId={run.run_id} metric={curve} width={width - PADDING} /> };
  if (value === undefined) return { content: <span className={classes.waiting} /> };
  if (field === "status") {
    const content = (
      <span className={classes.status} data-status={run.status}>
        {run.status}
      </span>
    );
    return { content, title: run.error ?? undefined };
  }
  if (field === "duration_s" && value === null && run.status === "running")
    return { content: <Elapsed since={run.started_at} /> };
  if (TIMES.has(field) && value !== null)
    return { content: <Ago at={String(value)} />, title: formatMoment(String(value)) };
  const { text, title } = writeCell(field, value);
  return { content: text, title, isMissing: value === null };
}

/** Left and right of a cell, as the style sheet has it. */
const PADDING = 20;

const TIMES: ReadonlySet<string> = new Set(["started_at", "ended_at"]);

/** A value as it stands in its cell, and in full where that is short. */
export function writeCell(field: string, value: Cell): { text: string; title?: string } {
  if (value === null) return { text: MISSING };
  if (field === "duration_s") return { text: formatDuration(Number(value)), title: `${value} s` };
  if (field === "parent_id" || field === "git_hash")
    return {
      text: field === "git_hash" ? String(value).slice(0, 8) : shortId(String(value)),
      title: String(value),
    };
  if (typeof value === "boolean") return { text: value ? "yes" : "no" };
  if (typeof value === "number") return { text: formatNumber(value), title: String(value) };
  const isNumber = field.startsWith("metrics.") && (value === "nan" || value === "inf" || value === "-inf");
  return isNumber ? { text: formatNumber(value) } : { text: value, title: value };
}

interface NameCellProps {
  row: Row;
  href: string;
  isChosen: boolean;
  onChoose: (isRange: boolean) => void;
  onShowNested: (parentId: string) => void;
}

/** The run: chosen or not, its colour and name, whether it is nested in another, and whether it has a note. */
export function NameCell({ row: { run }, href, isChosen, onChoose, onShowNested }: NameCellProps) {
  const label = labelRun(run);
  return (
    <>
      <input
        type="checkbox"
        className={classes.check}
        tabIndex={-1}
        checked={isChosen}
        aria-label={`Choose ${label}`}
        onChange={() => undefined}
        // The grid keeps the focus, and with it the keys.
        onMouseDown={(event) => event.preventDefault()}
        onClick={(event) => onChoose(event.shiftKey)}
      />
      {run.parent_id !== null && <NestedMark run={run} onShow={onShowNested} />}
      <RunSwatch runId={run.run_id} />
      <a href={href} tabIndex={-1} title={label}>
        {label}
      </a>
      {run.n_nested > 0 && <NestedCount run={run} label={label} onShow={onShowNested} />}
      {run.note && (
        <span className={classes.mark} title={run.note}>
          <IconNote size={14} role="img" aria-label="has a note" />
        </span>
      )}
    </>
  );
}

function NestedCount({ run, label, onShow }: { run: Run; label: string; onShow: (id: string) => void }) {
  const text = `${countOf(run.n_nested, "run")} nested in ${label}: show ${run.n_nested === 1 ? "it" : "them"}`;
  return (
    <button
      type="button"
      className={`${classes.mark} ${classes.nested}`}
      tabIndex={-1}
      title={text}
      aria-label={text}
      onClick={() => onShow(run.run_id)}
    >
      <IconSubtask size={14} />
      {formatCount(run.n_nested)}
    </button>
  );
}

function NestedMark({ run, onShow }: { run: Run; onShow: (parentId: string) => void }) {
  const { parent_id: parent } = run;
  if (parent === null) return null;
  const text = `Nested in ${shortId(parent)}: show all runs nested there`;
  return (
    <button
      type="button"
      className={classes.mark}
      tabIndex={-1}
      title={text}
      aria-label={text}
      onClick={() => onShow(parent)}
    >
      <IconCornerDownRight size={14} />
    </button>
  );
}
