/** What a report to hand on is made from, read at once. */

import { client, type Schemas, unwrap } from "~/api/client";
import type { ChartSeries } from "~/charts";
import { drawSeries } from "~/charts/drawn";
import { readPalette } from "~/charts/palette";
import { writeSvg } from "~/charts/svg";
import { toNumber } from "~/format/number";
import { writeField } from "~/format/query";
import { type SeriesStyle, stylesOf } from "~/format/run";
import type { Comparison } from "../comparison";
import { makeMeanSeries } from "../curves/meanSeries";
import { listNames } from "../curves/queries";
import { type Line, listLines } from "../metrics/lines";
import { type Asked, readComparison, readEvaluations, readListedRuns } from "../queries";

export interface Picture {
  title: string;
  svg: string;
}

export interface ReportData {
  asked: Asked;
  comparison: Comparison;
  lines: readonly Line[];
  curves: readonly Picture[];
}

const MAX_CHARTS = 8;
const MAX_LINES = 20;
const WIDTH = 640;
const HEIGHT = 240;

/** Ask for all of it; slices are part of a report. */
export async function readReport(asked: Asked): Promise<ReportData> {
  const [comparison, runs, evaluations] = await Promise.all([
    readComparison(asked, true),
    readListedRuns(asked.runIds),
    Promise.all(asked.runIds.map((id) => readEvaluations(id))),
  ]);
  const lines = listLines({ comparison, evaluations, runs });
  const metrics = await findCurves(asked.runIds, listNames(runs).slice(0, 200));
  const curves = await Promise.all(metrics.map((metric) => drawCurve(metric, comparison)));
  return { asked, comparison, lines, curves };
}

async function findCurves(runIds: readonly string[], names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const columns = names.map((name) => writeField({ kind: "metrics", name, summary: "count" }));
  const table = await unwrap(
    client.GET("/api/modellab/table", {
      params: { query: { run_ids: [...runIds], columns, limit: 1000 } },
    }),
  );
  return names
    .filter((_, at) => table.rows.some((row) => Number(row.values[at] ?? 0) > 1))
    .slice(0, MAX_CHARTS);
}

async function drawCurve(metric: string, comparison: Comparison): Promise<Picture> {
  const isGrouped = comparison.groups.length > 0;
  const series = isGrouped
    ? await readMeans(metric, comparison.groups)
    : await readSingle(metric, comparison.runs.slice(0, MAX_LINES));
  const options = { smoothing: 0, xLog: false, yLog: false, outliers: false };
  const svg = writeSvg(
    series.map((one) => drawSeries(one, options)),
    {
      ...{ title: metric, xKind: "step", xLabel: "step", xLog: false, yLog: false, range: null },
      ...{ width: WIDTH, height: HEIGHT, palette: readPalette("light") },
    },
  );
  return { title: metric, svg };
}

async function readMeans(metric: string, groups: Comparison["groups"]): Promise<ChartSeries[]> {
  const styles = stylesOf(groups.map((group) => group.group_id));
  return Promise.all(
    groups.map(async (group, at) => {
      const query = { run_id: group.run_ids.slice(0, 50), metric, max_points: 400 };
      const curve = await unwrap(client.GET("/api/modellab/curves/group", { params: { query } }));
      return makeMeanSeries(group, curve, styles[at]);
    }),
  );
}

async function readSingle(metric: string, runs: Comparison["runs"]): Promise<ChartSeries[]> {
  const query = { run_id: runs.map((run) => run.run_id), metric: [metric], max_points: 400 };
  const { items } = await unwrap(client.GET("/api/modellab/curves", { params: { query } }));
  const labels = new Map(runs.map((run) => [run.run_id, run.label]));
  const styles = stylesOf(items.map((item) => item.run_id));
  return items.flatMap(({ run_id: id, series }, at) =>
    series.map((curve) => makeSingle(id, labels.get(id) ?? id, curve, styles[at])),
  );
}

function makeSingle(
  id: string,
  label: string,
  curve: Schemas["CurveBody"],
  style: SeriesStyle = { color: "", dash: [] },
): ChartSeries {
  return {
    ...{ key: id, label, x: curve.steps, y: curve.values.map(toNumber), steps: curve.steps },
    ...style,
    ...{ nShown: curve.n_shown, nTotal: curve.count, nNonfinite: curve.n_nonfinite },
  };
}
