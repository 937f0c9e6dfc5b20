/** Curves in the table: read for the rows in sight, fifty runs at a time. */

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { createContext, memo, use, useEffect, useMemo, useRef } from "react";
import { client, type Schemas, unwrap } from "~/api/client";
import { useLive } from "~/api/useLive";
import { Sparkline } from "~/charts/Sparkline";
import { MISSING } from "~/format/number";
import classes from "./grid.module.css";
import type { Rows } from "./rows";

type Values = Schemas["CurveBody"]["values"];
/** By metric, then by run; a run without the metric has no values. */
type Curves = ReadonlyMap<string, ReadonlyMap<string, Values>>;

export const CurvesContext = createContext<Curves>(new Map());

const BLOCK = 50;
const POINTS = 60;
const REFRESH_MS = 3000;

/** The curves of `metrics` of the rows from one index to another. */
export function useCurves(rows: Rows, metrics: readonly string[], from: number, to: number): Curves {
  const queries = useQueryClient();
  const blocks = metrics.length === 0 ? [] : blocksOf(rows, from, to);
  const asked = metrics.flatMap((metric) => blocks.map((ids) => ({ metric, ids })));
  const found = useQueries({
    queries: asked.map(({ metric, ids }) => ({
      queryKey: ["runs", "curves", metric, ids],
      queryFn: ({ signal }: { signal: AbortSignal }) => readCurves(metric, ids, signal),
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (results) => results.map(({ data }) => data),
  });
  // What was read stays in place while a block is read again because a run joined it.
  const kept = useRef(new Map<string, Map<string, Values>>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was asked follows from what was found
  const curves = useMemo(() => {
    found.forEach((read, at) => {
      const metric = asked[at]?.metric;
      if (read === undefined || metric === undefined) return;
      const of = kept.current.get(metric) ?? new Map<string, Values>();
      kept.current.set(metric, of);
      for (const [id, values] of read) of.set(id, values);
    });
    return new Map([...kept.current].map(([metric, of]) => [metric, new Map(of)]));
  }, [found]);
  useFollow(queries, metrics, blocks);
  return curves;
}

function blocksOf(rows: Rows, from: number, to: number): string[][] {
  const blocks: string[][] = [];
  for (let block = Math.floor(from / BLOCK); block * BLOCK < Math.min(to, rows.total); block++) {
    const ids = rows.list
      .slice(block * BLOCK, (block + 1) * BLOCK)
      .flatMap((row) => (row ? [row.run.run_id] : []));
    if (ids.length > 0) blocks.push(ids);
  }
  return blocks;
}

async function readCurves(metric: string, ids: string[], signal: AbortSignal): Promise<Map<string, Values>> {
  const query = { run_id: ids, metric: [metric], max_points: POINTS };
  const body = await unwrap(client.GET("/api/modellab/curves", { params: { query }, signal }));
  const curves = new Map<string, Values>(ids.map((id) => [id, []]));
  for (const { run_id, series } of body.items) curves.set(run_id, series[0]?.values ?? []);
  return curves;
}

/** Read curves again when a run in sight has new points, not more often than one can see. */
function useFollow(
  queries: ReturnType<typeof useQueryClient>,
  metrics: readonly string[],
  blocks: readonly string[][],
): void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => void (timer.current !== null && clearTimeout(timer.current)), []);
  useLive((event) => {
    if (event.kind !== "points" || !metrics.some((metric) => Object.hasOwn(event.points.metrics, metric)))
      return;
    if (!blocks.some((ids) => ids.includes(event.points.run_id))) return;
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void queries.invalidateQueries({ queryKey: ["runs", "curves"], type: "active" });
    }, REFRESH_MS);
  });
}

/** A run's curve of a metric, the size of a word. */
export const CurveCell = memo(function CurveCell({
  runId,
  metric,
  width,
}: {
  runId: string;
  metric: string;
  width: number;
}) {
  const values = use(CurvesContext).get(metric)?.get(runId);
  if (values === undefined) return <div className={classes.waiting} />;
  if (values.length === 0) return <span className={classes.missing}>{MISSING}</span>;
  return <Sparkline values={values} label={metric} width={Math.max(width, 24)} height={22} />;
});
