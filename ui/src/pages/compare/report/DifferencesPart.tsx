import { groupAlike } from "../differences/code";
import { formatValue, type Row, readRows } from "../differences/listing";
import { Part, ReportTable } from "./Part";
import type { PartProps } from "./TableParts";

const MAX_ROWS = 100;
const MAX_VALUE = 300;
const MAX_DIFF = 20_000;

/** In what the runs differ beside their results. */
export function DifferencesPart({ comparison, sides }: PartProps) {
  const { params, config, environment, packages, code } = comparison.differences;
  const parts = [
    { title: "Params", rows: readRows(params) },
    { title: "Configuration", rows: readRows(config) },
    { title: "Environment", rows: readRows(environment) },
    { title: "Packages", rows: readRows(packages) },
  ];
  return (
    <Part title="What else differs">
      {parts.map(({ title, rows }) => (
        <div key={title}>
          <h3>{title}</h3>
          {rows.length === 0 ? (
            <p className="dim">The same in every run.</p>
          ) : (
            <Values label={title} rows={rows} runs={comparison.runs} />
          )}
        </div>
      ))}
      {code.length > 0 && <h3>Code</h3>}
      {groupAlike(code).map((ones) => {
        const [{ a, note, diff } = { a: "", note: "", diff: null }] = ones;
        const names = ones.map(({ b }) => sides.get(b)?.label ?? b).join(", ");
        return (
          <div key={names}>
            <p>
              {names} against {sides.get(a)?.label ?? a}: {note}
            </p>
            {diff && <pre>{diff.length > MAX_DIFF ? `${diff.slice(0, MAX_DIFF)}\n… cut here` : diff}</pre>}
          </div>
        );
      })}
    </Part>
  );
}

function Values({
  label,
  rows,
  runs,
}: {
  label: string;
  rows: readonly Row[];
  runs: PartProps["comparison"]["runs"];
}) {
  return (
    <>
      <ReportTable label={label} head={["Name", ...runs.map((run) => run.label)]}>
        {rows.slice(0, MAX_ROWS).map((row) => (
          <tr key={row.name}>
            <td className="name">{row.name}</td>
            {runs.map(({ run_id: id }) => (
              <td key={id} className="value">
                {row.values.has(id) ? cut(formatValue(row.values.get(id))) : <small>not set</small>}
              </td>
            ))}
          </tr>
        ))}
      </ReportTable>
      {rows.length > MAX_ROWS && (
        <p className="dim">
          The first {MAX_ROWS} of {rows.length}.
        </p>
      )}
    </>
  );
}

function cut(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
