/** A comparison as one HTML file: no script, nothing loaded, readable without ModelLab. Plain elements only. */

import { countOf } from "~/format/number";
import {
  type Comparison,
  countWords,
  cutName,
  cutNames,
  listScope,
  listSides,
  sortByWord,
  toneOf,
} from "../comparison";
import { RadarPlot } from "../radar/RadarPlot";
import { writeCommand, writeRepeats, writeRequest } from "./commands";
import { DifferencesPart } from "./DifferencesPart";
import type { ReportData } from "./data";
import { ExamplesPart, SlicesPart } from "./PairParts";
import { Part } from "./Part";
import { REPORT_STYLE } from "./style";
import { GroupsPart, MetricsPart, PairsPart, RunsPart, TestsPart } from "./TableParts";

interface ReportDocumentProps {
  data: ReportData;
  /** The only line that differs from one report on the same to the next. */
  madeAt: string;
  address: string;
}

const MAX_SENTENCES = 40;
// Nothing may run or be fetched, whatever stands in names and notes.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function ReportDocument({ data, madeAt, address }: ReportDocumentProps) {
  const { comparison, lines, curves, asked } = data;
  const title = `Comparison of ${countOf(comparison.runs.length, "run")} on ${comparison.primary_metric ?? "no metric"}`;
  // Whole names stand in the table of runs alone; elsewhere they would push all else aside.
  const short = shortenNames(comparison);
  const props = { comparison: short, lines, sides: listSides(short) };
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta httpEquiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width" />
        <title>{title}</title>
        <style>{REPORT_STYLE}</style>
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          <p className="dim">
            Split {comparison.split}
            {comparison.min_effect !== null && `, smallest difference that matters ${comparison.min_effect}`}
          </p>
          <Verdicts data={data} />
          <RunsPart comparison={comparison} lines={lines} sides={props.sides} />
          <GroupsPart {...props} />
          <PairsPart {...props} />
          <MetricsPart {...props} />
          {curves.length > 0 && (
            <Part title="Curves">
              {curves.map(({ title: name, svg }) => (
                <figure key={name}>
                  <img
                    alt={`Curves of ${name}`}
                    src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
                  />
                </figure>
              ))}
            </Part>
          )}
          {comparison.radar.axes.length > 0 && (
            <Part title="Radar">
              <p className="dim">
                Each axis has the range that its metric can take, the best outside; bars are intervals.
              </p>
              <figure>
                <RadarPlot radar={comparison.radar} runs={short.runs.slice(0, 8)} />
              </figure>
            </Part>
          )}
          <SlicesPart {...props} />
          <ExamplesPart {...props} />
          <DifferencesPart {...props} />
          <TestsPart {...props} />
          <Part title="How to repeat it">
            <p>The comparison, where the runs are recorded:</p>
            <pre>{writeCommand(asked)}</pre>
            <pre>{writeRequest(asked)}</pre>
            <p>The runs, from the code, packages, data and seeds that were recorded:</p>
            <pre>{writeRepeats(asked.runIds)}</pre>
          </Part>
        </main>
        <footer className="dim">
          <p>Made by ModelLab from {address}</p>
          <p>{madeAt}</p>
        </footer>
      </body>
    </html>
  );
}

function shortenNames(comparison: Comparison): Comparison {
  return {
    ...comparison,
    runs: comparison.runs.map((run) => ({ ...run, label: cutName(run.label) })),
    groups: comparison.groups.map((group) => ({ ...group, label: cutName(group.label) })),
  };
}

function Verdicts({ data: { comparison } }: { data: ReportData }) {
  const { verdicts, warnings } = comparison;
  const labels = [...listSides(comparison).values()].map((side) => side.label);
  return (
    <Part title="Verdict">
      {verdicts.length > 1 && (
        <p>
          {countOf(verdicts.length, "pair")}:{" "}
          {countWords(verdicts)
            .map(([word, count]) => `${count} ${word}`)
            .join(", ")}
          .
        </p>
      )}
      <ul className="said">
        {sortByWord(verdicts)
          .slice(0, MAX_SENTENCES)
          .map((verdict) => (
            <li
              key={`${verdict.a} ${verdict.b}`}
              style={{ "--tone": `var(--ml-${toneOf(verdict.verdict)})` } as React.CSSProperties}
            >
              {cutNames(verdict.sentence, labels)}
            </li>
          ))}
      </ul>
      {verdicts.length > MAX_SENTENCES && (
        <p className="dim">The first {MAX_SENTENCES} sentences; all pairs stand in the table.</p>
      )}
      {listScope(comparison).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {warnings.length > 0 && (
        <div className="beware">
          <strong>Beware</strong>
          {warnings.map((warning) => (
            <p key={warning}>{cutNames(warning, labels)}</p>
          ))}
        </div>
      )}
    </Part>
  );
}
