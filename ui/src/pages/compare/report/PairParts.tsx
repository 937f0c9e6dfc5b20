import { formatCount, formatDifference, formatInterval, formatNumber, formatP } from "~/format/number";
import { toneOf } from "../comparison";
import { listSlicePairs, sortWorstFirst } from "../slices/sliceRows";
import { Part, ReportTable } from "./Part";
import type { PartProps } from "./TableParts";

const MAX_PAIRS = 12;
const MAX_SLICES = 15;

/** The slices of each pair, worst first. */
export function SlicesPart({ comparison, sides }: PartProps) {
  const { slices } = comparison;
  if (slices.length === 0) return null;
  const pairs = listSlicePairs(slices);
  const head = ["Slice", "Rows", "Run", "Against", "Difference", "Interval", "Adjusted p", "Verdict"];
  return (
    <Part title="Slices">
      <p className="dim">
        Parts of the test rows, worst first, at most {MAX_SLICES} of each pair; p-values are adjusted for all{" "}
        {formatCount(slices[0]?.family_size ?? 0)} tests of slices.
      </p>
      {pairs.slice(0, MAX_PAIRS).map(({ key, a, b }) => (
        <div key={key}>
          <h3>
            {sides.get(b)?.label ?? b} against {sides.get(a)?.label ?? a}
          </h3>
          <ReportTable label={`Slices of ${key}`} head={head}>
            {sortWorstFirst(
              slices.filter((one) => one.a === a && one.b === b),
              comparison.higher_is_better ?? true,
            )
              .slice(0, MAX_SLICES)
              .map((slice) => (
                <tr key={`${slice.attribute}\n${slice.value}`}>
                  <td className="name">
                    {slice.attribute} <b>{slice.value}</b>
                  </td>
                  <td className="n">{formatCount(slice.n)}</td>
                  <td className="n">{formatNumber(slice.b_value)}</td>
                  <td className="n">{formatNumber(slice.a_value)}</td>
                  <td className="n">{formatDifference(slice.difference)}</td>
                  <td className="n">{formatInterval(slice.interval?.low, slice.interval?.high)}</td>
                  <td className="n">{formatP(slice.adjusted_p)}</td>
                  <td className={toneOf(slice.verdict)}>{slice.verdict}</td>
                </tr>
              ))}
          </ReportTable>
        </div>
      ))}
      {pairs.length > MAX_PAIRS && (
        <p className="dim">
          The first {MAX_PAIRS} of {pairs.length} pairs.
        </p>
      )}
    </Part>
  );
}

/** Fixed and broken rows in numbers, with the first ids. */
export function ExamplesPart({ comparison, sides }: PartProps) {
  const { changed_examples: pairs } = comparison;
  if (pairs.length === 0) return null;
  const head = [
    "Run",
    "Against",
    "Fixed",
    "Broken",
    "Both right",
    "Both wrong",
    "First fixed",
    "First broken",
  ];
  return (
    <Part title="Fixed and broken">
      <p className="dim">
        Fixed are rows that the run has right and the other one wrong; broken the reverse.
      </p>
      <ReportTable label="Fixed and broken rows" head={head}>
        {pairs.map((pair) => (
          <tr key={`${pair.a} ${pair.b}`}>
            <td className="name">{sides.get(pair.b)?.label ?? pair.b}</td>
            <td className="name">{sides.get(pair.a)?.label ?? pair.a}</td>
            <td className="n">{formatCount(pair.n_fixed)}</td>
            <td className="n">{formatCount(pair.n_broken)}</td>
            <td className="n">{formatCount(pair.n_both_right)}</td>
            <td className="n">{formatCount(pair.n_both_wrong)}</td>
            <td>{pair.fixed.slice(0, 10).join(", ")}</td>
            <td>{pair.broken.slice(0, 10).join(", ")}</td>
          </tr>
        ))}
      </ReportTable>
    </Part>
  );
}
