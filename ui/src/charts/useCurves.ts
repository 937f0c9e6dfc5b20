import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import type { LiveEvent } from "~/api/live";
import { useLive } from "~/api/useLive";
import { toNumber } from "~/format/number";
import { loadCurve, type Window } from "./curves";
import { addNewest, addTail, type Curve, isIncomplete, type Newest, NO_CURVE } from "./growth";

/** Curves by run; a run without the metric, or that is not there, has none. */
export type Curves = ReadonlyMap<string, Curve>;

/** How often what came is drawn, and how often what was only counted is read. */
const DRAW_MS = 1000;
const READ_MS = 2000;
const READ_ALL_MS = 10_000;
/** So many growing runs are read each from where it was; more are read anew together, less often. */
const MAX_TAILS = 8;
/** The server tells the newest values of so many metrics of a run. */
const MAX_TOLD = 200;

interface CurvesProps {
  runIds: readonly string[];
  metric: string;
  window: Window;
  enabled: boolean;
}

/** Curves of a metric; until they are there, those that were read before for another part or fineness. */
export function useCurves({ runIds, metric, window, enabled }: CurvesProps) {
  return useQuery({
    queryKey: makeKey(runIds, metric, window),
    queryFn: ({ signal }) => loadCurves(runIds, metric, window, signal),
    enabled,
    placeholderData: (before, query) => (query?.queryKey[1] === metric ? before : undefined),
    structuralSharing: false, // of arrays of numbers it would only cost
    gcTime: 120_000,
  });
}

function makeKey(runIds: readonly string[], metric: string, { maxPoints, from, to }: Window) {
  return ["curves", metric, runIds.join(" "), maxPoints, from, to];
}

async function loadCurves(
  runIds: readonly string[],
  metric: string,
  window: Window,
  signal: AbortSignal,
): Promise<Curves> {
  const found = await Promise.all(
    runIds.map(async (runId) => [runId, await loadCurve(runId, metric, window, signal)] as const),
  );
  return new Map(found.flatMap(([runId, curve]) => (curve === null ? [] : [[runId, curve] as const])));
}

/** Follow curves as their runs go on: the newest points at once, those in between a little later. */
export function useGrowth({ runIds, metric, window, enabled }: CurvesProps): void {
  const client = useQueryClient();
  const news = useRef(new Map<string, Newest | null>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const readAt = useRef(0);
  const latest = useRef({ runIds, metric, window, enabled });
  useEffect(() => {
    latest.current = { runIds, metric, window, enabled };
  });

  const flush = useCallback(async () => {
    const props = latest.current;
    const key = makeKey(props.runIds, props.metric, props.window);
    const { isStale } = drawNews(client, key, news.current);
    const now = performance.now();
    if (!isStale || now < readAt.current) return isStale;
    const isCrowd = countIncomplete(client.getQueryData<Curves>(key)) > MAX_TAILS;
    readAt.current = now + (isCrowd ? READ_ALL_MS : READ_MS) - DRAW_MS / 2; // at the tick nearest to that
    if (isCrowd || isTooFine(client.getQueryData<Curves>(key), props.window)) {
      await client.invalidateQueries({ queryKey: key, exact: true });
    } else {
      await readTails(client, key, props);
      // A slow server is asked less often.
      readAt.current = Math.max(readAt.current, now + 10 * (performance.now() - now));
    }
    return countIncomplete(client.getQueryData<Curves>(key)) > 0;
  }, [client]);

  const plan = useCallback(() => {
    if (timer.current !== null || !latest.current.enabled) return;
    timer.current = setTimeout(async () => {
      // One that fails is tried again with the next news; the page says that the server is gone.
      const isLeft = await flush().catch(() => false);
      timer.current = null;
      if (isLeft || news.current.size > 0) plan();
    }, untilTick());
  }, [flush]);

  useEffect(() => {
    if (enabled && news.current.size > 0) plan();
  }, [enabled, plan]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  useLive((event) => {
    if (noteNews(event, latest.current, news.current)) plan();
  });
}

/** All charts of a page wait for the same moment, so that what they read goes in few requests. */
function untilTick(): number {
  return DRAW_MS - (performance.now() % DRAW_MS);
}

/** Keep what an event tells of these curves; `null` if they may have grown but it does not say. */
function noteNews(
  event: LiveEvent,
  { runIds, metric }: Pick<CurvesProps, "runIds" | "metric">,
  news: Map<string, Newest | null>,
): boolean {
  if (event.kind !== "points" || !runIds.includes(event.points.run_id)) return false;
  const { run_id, metrics } = event.points;
  if (Object.hasOwn(metrics, metric)) {
    const told = metrics[metric] as { step: number; value: Parameters<typeof toNumber>[0]; count: number };
    news.set(run_id, { ...told, value: toNumber(told.value) });
  } else if (Object.keys(metrics).length >= MAX_TOLD) news.set(run_id, null);
  else return false;
  return true;
}

function drawNews(
  client: QueryClient,
  key: unknown[],
  news: Map<string, Newest | null>,
): { isStale: boolean } {
  const before = client.getQueryData<Curves>(key);
  if (before === undefined) return { isStale: false }; // being read: the news is in the answer, or stays for then
  const curves = new Map(before);
  const now = Date.now() / 1000;
  for (const [runId, newest] of news) {
    const curve = curves.get(runId) ?? NO_CURVE;
    // Of an unknown number of points, one is enough to have them read.
    curves.set(runId, newest === null ? { ...curve, count: curve.count + 1 } : addNewest(curve, newest, now));
  }
  news.clear();
  client.setQueryData<Curves>(key, curves);
  return { isStale: countIncomplete(curves) > 0 };
}

function countIncomplete(curves: Curves | undefined): number {
  return [...(curves?.values() ?? [])].filter(isIncomplete).length;
}

/** Tails have made the curves much longer than what was asked for. */
function isTooFine(curves: Curves | undefined, { maxPoints }: Window): boolean {
  return [...(curves?.values() ?? [])].some(({ steps }) => steps.length > 2 * maxPoints);
}

async function readTails(
  client: QueryClient,
  key: unknown[],
  { metric, window }: CurvesProps,
): Promise<void> {
  const { signal } = new AbortController();
  const behind = [...(client.getQueryData<Curves>(key) ?? [])].filter(([, curve]) => isIncomplete(curve));
  const tails = await Promise.all(
    behind.map(async ([runId, { read }]) => {
      const from = Number.isFinite(read.to) ? read.to + 1 : null;
      return [runId, read, await loadCurve(runId, metric, { ...window, from }, signal)] as const;
    }),
  );
  let isWhole = true;
  client.setQueryData<Curves>(key, (before) => {
    if (before === undefined) return before;
    const curves = new Map(before);
    for (const [runId, read, tail] of tails) {
      const curve = before.get(runId);
      // Read anew as a whole meanwhile.
      if (curve === undefined || curve.read !== read) continue;
      const grown = tail === null ? curve : addTail(curve, tail);
      curves.set(runId, grown);
      // Points that another writer added behind what was read are in no tail.
      isWhole &&= grown.count >= curve.count;
    }
    return curves;
  });
  if (!isWhole) await client.invalidateQueries({ queryKey: key, exact: true });
}
