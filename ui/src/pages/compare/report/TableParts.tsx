import {
  formatCount,
  formatDifference,
  formatInterval,
  formatNumber,
  formatP,
  MISSING,
} from "~/format/number";
import { colorOf } from "~/format/run";
import { type Comparison, rangeOfDifferences, type Side, toneOf } from "../comparison";
import { type Line, toNumberOrNull } from "../metrics/lines";
import { DifferenceBar } from "../plots/DifferenceBar";
import { AxisTicks, RowMark } from "../plots/IntervalAxis";
import { spanOf } from "../plots/span";
import { sayNeeded } from "../verdict/power";
import { explainTest, titleOfMethod, titleOfTest } from "../verdict/tests";
import { Part, ReportTable } from "./Part";

export interface PartProps {
  comparison: Comparison;
  lines: readonly Line[];
  sides: ReadonlyMap<string, Side>;
}

/** `2026-11-27 15:48 UTC`, which reads the same everywhere. */
function formatUtc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function RunsPart({ comparison, lines, sides }: PartProps) {
  const primary = lines.find((line) => line.isPrimary);
  const cells = [...(primary?.cells.values() ?? [])];
  const range = spanOf(cells.flatMap((cell) => [toNumberOrNull(cell.value), cell.low, cell.high]));
  return (
    <Part title="Runs">
      <ReportTable
        label="Runs"
        head={[
          "Run",
          "Id",
          "Seed",
          "Status",
          "Started",
          "Rows",
          comparison.primary_metric ?? "",
          <AxisTicks key="axis" range={range} />,
        ]}
      >
        {comparison.runs.map((run) => (
          <tr key={run.run_id}>
            <td className="name">
              {run.label}
              {run.run_id === comparison.baseline && <small>baseline</small>}
              {run.group && <small>{sides.get(run.group)?.label}</small>}
            </td>
            <td>
              <code>{run.run_id}</code>
            </td>
            <td>{run.seed ?? MISSING}</td>
            <td>{run.status}</td>
            <td>{formatUtc(run.timestamp)}</td>
            <td className="n">{run.n === null ? MISSING : formatCount(run.n)}</td>
            <td className="n">{formatNumber(run.primary)}</td>
            <td>
              <PrimaryMark line={primary} runId={run.run_id} range={range} />
            </td>
          </tr>
        ))}
      </ReportTable>
    </Part>
  );
}

interface PrimaryMarkProps {
  line: Line | undefined;
  runId: string;
  range: readonly [number, number];
}

function PrimaryMark({ line, runId, range }: PrimaryMarkProps) {
  const cell = line?.cells.get(runId);
  const value = toNumberOrNull(cell?.value);
  if (cell === undefined || value === null) return null;
  const color = colorOf(runId);
  return <RowMark range={range} value={value} low={cell.low} high={cell.high} color={color} first={null} />;
}

export function GroupsPart({ comparison }: PartProps) {
  if (comparison.groups.length === 0) return null;
  return (
    <Part title="Seed groups">
      <ReportTable
        label="Seed groups"
        head={["Group", "Runs", "Seeds", `Mean ${comparison.primary_metric}`, "95 % t interval"]}
      >
        {comparison.groups.map((group) => (
          <tr key={group.group_id}>
            <td className="name">{group.label}</td>
            <td className="n">{group.run_ids.length}</td>
            <td>{group.seeds.map((seed) => seed ?? "?").join(", ")}</td>
            <td className="n">{formatNumber(group.mean.estimate)}</td>
            <td className="n">{formatInterval(group.mean.low, group.mean.high)}</td>
          </tr>
        ))}
      </ReportTable>
    </Part>
  );
}

export function PairsPart({ comparison, sides }: PartProps) {
  const { verdicts, secondary, primary_metric: metric, min_effect: minEffect } = comparison;
  if (verdicts.length === 0) return null;
  return (
    <>
      <Part title={`Pairs on ${metric}`}>
        <Pairs verdicts={verdicts} sides={sides} minEffect={minEffect} saysNeeded label="Pairs" />
      </Part>
      {secondary.length > 0 && (
        <Part title="Other metrics">
          <p className="dim">
            Adjusted for the pairs of each metric, and not for how many metrics there are.
          </p>
          <Pairs verdicts={secondary} sides={sides} minEffect={null} label="Pairs on other metrics" />
        </Part>
      )}
    </>
  );
}

interface PairsProps {
  verdicts: Comparison["verdicts"];
  sides: PartProps["sides"];
  minEffect: number | null;
  saysNeeded?: boolean;
  label: string;
}

function Pairs({ verdicts, sides, minEffect, saysNeeded = false, label }: PairsProps) {
  const head = [
    "Metric",
    "Run",
    "Against",
    "Verdict",
    "Difference",
    "Around 0",
    "Interval",
    "p",
    "Adjusted p",
    "Test",
  ];
  const rangeOf = (metric: string) => rangeOfDifferences(verdicts.filter((one) => one.metric === metric));
  const ranges = new Map(
    [...new Set(verdicts.map((one) => one.metric))].map((name) => [name, rangeOf(name)]),
  );
  return (
    <ReportTable label={label} head={head}>
      {verdicts.map((verdict) => (
        <tr key={`${verdict.metric} ${verdict.a} ${verdict.b}`}>
          <td>{verdict.metric}</td>
          <td className="name">{sides.get(verdict.b)?.label ?? verdict.b}</td>
          <td className="name">{sides.get(verdict.a)?.label ?? verdict.a}</td>
          <td className={toneOf(verdict.verdict)}>
            {verdict.verdict}
            {[...(saysNeeded ? sayNeeded(verdict, minEffect) : []), ...verdict.notes].map((text) => (
              <small key={text}>{text}</small>
            ))}
          </td>
          <td className="n">{formatDifference(verdict.difference)}</td>
          <td>
            <DifferenceBar
              difference={verdict.difference}
              low={verdict.interval?.low}
              high={verdict.interval?.high}
              range={ranges.get(verdict.metric) ?? [-1, 1]}
              tone={toneOf(verdict.verdict)}
              margin={minEffect}
              width={110}
            />
          </td>
          <td className="n">{formatInterval(verdict.interval?.low, verdict.interval?.high)}</td>
          <td className="n">{formatP(verdict.p_value)}</td>
          <td className="n">{formatP(verdict.adjusted_p)}</td>
          <td>
            {titleOfTest(verdict.test)}
            <small>{verdict.n_text}</small>
          </td>
        </tr>
      ))}
    </ReportTable>
  );
}

export function MetricsPart({ comparison, lines }: PartProps) {
  const { runs } = comparison;
  return (
    <Part title="Metrics">
      <p className="dim">
        With 95 % intervals where there are any. Best is only what is shown to be better than every other run.
      </p>
      <ReportTable label="Metrics by run" head={["Metric", ...runs.map((run) => run.label)]}>
        {lines.map((line) => (
          <tr key={line.metric}>
            <td className="name">
              {line.metric}
              <small>{line.kind === "final" ? "final value" : ""}</small>
            </td>
            {runs.map(({ run_id: id }) => {
              const cell = line.cells.get(id);
              return (
                <td key={id}>
                  {formatNumber(cell?.value)}
                  {line.best === id && <strong className="better"> best</strong>}
                  {cell && cell.low !== null && <small>{formatInterval(cell.low, cell.high)}</small>}
                </td>
              );
            })}
          </tr>
        ))}
      </ReportTable>
    </Part>
  );
}

/** What the tests and intervals of this report ask, for those who were not there. */
export function TestsPart({ comparison }: PartProps) {
  const verdicts = [...comparison.verdicts, ...comparison.secondary];
  const tests = [...new Set([...verdicts, ...comparison.slices].map((one) => one.test))].filter(
    (one) => one !== null,
  );
  const methods = [...new Set(verdicts.map((one) => one.interval?.method))].filter(
    (one): one is string => one !== undefined && one !== "none",
  );
  if (tests.length === 0) return null;
  return (
    <Part title="Tests and intervals">
      {tests.sort().map((test) => (
        <p key={test}>
          <strong>{titleOfTest(test)}.</strong> {explainTest(test)}
        </p>
      ))}
      <p>
        <strong>Intervals of differences:</strong> {methods.map(titleOfMethod).sort().join("; ")}.
      </p>
      <p>
        <strong>Adjusted p:</strong> by Holm's method over all pairs of a metric, and over all slices. Better
        or worse is said where the adjusted p is below 0.05 and the interval leaves 0 out. No difference shown
        does not mean the same.
      </p>
    </Part>
  );
}
