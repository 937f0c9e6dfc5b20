import { IconCornerDownRight, IconNote } from "@tabler/icons-react";
import { memo } from "react";
import { Elapsed } from "~/components/Elapsed";
import { RunSwatch } from "~/components/RunLink";
import { formatNumber, MISSING } from "~/format/number";
import { labelRun, shortId } from "~/format/run";
import { formatAgo, formatDuration, formatMoment } from "~/format/time";
import { CurveCell } from "./CurveCell";
import { curveOf } from "./columns";
import classes from "./grid.module.css";
import { type Cell, cellOf, type Row, type Run } from "./rows";
import type { CellPlace } from "./useColumnTable";

interface RunCellProps {
  row: Row;
  place: CellPlace;
  fields: readonly string[];
}

/** What a run has in one column. */
export const RunCell = memo(function RunCell({ row, place, fields }: RunCellProps) {
  const { field } = place;
  const curve = curveOf(field);
  if (curve !== null) return <CurveCell runId={row.run.run_id} metric={curve} width={place.width - 20} />;
  const value = cellOf(row.run, field, fields);
  if (value === undefined) return <div className={classes.waiting} />;
  const mark = row.changed.has(field) ? classes.changed : undefined;
  if (field === "status") {
    return (
      <span
        key={row.reading}
        className={`${classes.status} ${mark ?? ""}`}
        data-status={row.run.status}
        title={row.run.error ?? undefined}
      >
        {row.run.status}
      </span>
    );
  }
  if (field === "duration_s" && value === null && row.run.status === "running")
    return <Elapsed since={row.run.started_at} />;
  const { text, title } = writeCell(field, value);
  return (
    // A new key begins the mark of a change anew.
    <span key={row.reading} className={value === null ? classes.missing : mark} title={title}>
      {text}
    </span>
  );
});

const TIMES: ReadonlySet<string> = new Set(["started_at", "ended_at"]);

/** A value as it stands in its cell, and in full where that is short. */
export function writeCell(field: string, value: Cell): { text: string; title?: string } {
  if (value === null) return { text: MISSING };
  if (TIMES.has(field)) return { text: formatAgo(String(value)), title: formatMoment(String(value)) };
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
        onClick={(event) => onChoose(event.shiftKey)}
      />
      {run.parent_id !== null && <NestedMark run={run} onShow={onShowNested} />}
      <RunSwatch runId={run.run_id} />
      <a href={href} tabIndex={-1} title={label}>
        {label}
      </a>
      {run.note && (
        <span className={classes.mark} title={run.note}>
          <IconNote size={14} role="img" aria-label="has a note" />
        </span>
      )}
    </>
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
