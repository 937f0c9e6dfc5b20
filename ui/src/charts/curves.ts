/** Curves from the server: what is asked for in one turn goes in few requests. */

import { client, type Schemas, unwrap } from "~/api/client";
import { toNumber } from "~/format/number";
import { type CurveKey, type CurveRequest, planRequests } from "./curveRequests";
import { type Curve, makeCurve } from "./growth";

/** How fine, and which steps. */
export interface Window {
  maxPoints: number;
  from: number | null;
  to: number | null;
}

interface Waiting extends CurveKey {
  window: Window;
  signal: AbortSignal;
  resolve: (curve: Curve | null) => void;
  reject: (reason: unknown) => void;
}

let waiting: Waiting[] = [];

/** A curve of a run; `null` if the run has no such metric, or is not there. */
export function loadCurve(
  runId: string,
  metric: string,
  window: Window,
  signal: AbortSignal,
): Promise<Curve | null> {
  return new Promise((resolve, reject) => {
    // After the turn: by then all charts that are shown together have asked.
    if (waiting.length === 0) setTimeout(sendAll);
    waiting.push({ runId, metric, window, signal, resolve, reject });
  });
}

function sendAll(): void {
  const asked = waiting.filter(({ signal, reject }) => !signal.aborted || reject(signal.reason));
  waiting = [];
  const groups = new Map<string, Waiting[]>();
  for (const one of asked) {
    const key = `${one.window.maxPoints} ${one.window.from} ${one.window.to}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  for (const group of groups.values()) sendGroup(group);
}

function sendGroup(group: readonly Waiting[]): void {
  const { window } = group[0] as Waiting;
  for (const request of planRequests(group, window.maxPoints)) {
    const [runIds, metrics] = [new Set(request.runIds), new Set(request.metrics)];
    const asked = group.filter(({ runId, metric }) => runIds.has(runId) && metrics.has(metric));
    void send(request, window, asked);
  }
}

async function send(request: CurveRequest, window: Window, asked: readonly Waiting[]): Promise<void> {
  const giving = new AbortController();
  // Given up when nobody waits any more.
  let left = asked.length;
  for (const { signal } of asked)
    signal.addEventListener("abort", () => --left === 0 && giving.abort(signal.reason), { once: true });
  try {
    const query = {
      run_id: [...request.runIds],
      metric: [...request.metrics],
      max_points: window.maxPoints,
      ...(window.from === null ? {} : { from_step: window.from }),
      ...(window.to === null ? {} : { to_step: window.to }),
    };
    const { items } = await unwrap(
      client.GET("/api/modellab/curves", { params: { query }, signal: giving.signal }),
    );
    const found = new Map(
      items.map(({ run_id, series }) => [
        run_id,
        new Map(series.map((body) => [body.name, readCurve(body)])),
      ]),
    );
    for (const { runId, metric, resolve } of asked) resolve(found.get(runId)?.get(metric) ?? null);
  } catch (error) {
    for (const { reject } of asked) reject(error);
  }
}

function readCurve(body: Schemas["CurveBody"]): Curve {
  return makeCurve({
    steps: Float64Array.from(body.steps),
    values: Float64Array.from(body.values, toNumber),
    times: Float64Array.from(body.times),
    count: body.count,
    nNonfinite: body.n_nonfinite,
  });
}

/** The most points of a curve that one answer holds. */
const MAX_POINTS = 100_000;

/** All points of a curve, in as many answers as that takes; `null` as for `loadCurve`. */
export async function loadWholeCurve(
  runId: string,
  metric: string,
  signal: AbortSignal,
): Promise<Curve | null> {
  const load = (from: number | null, to: number | null, maxPoints = MAX_POINTS) =>
    loadCurve(runId, metric, { maxPoints, from, to }, signal);
  const outline = await load(null, null, 1000);
  if (outline === null || outline.steps.length === outline.count) return outline;
  const [first, last] = [outline.steps[0] as number, outline.read.to];
  // A little more than would do if points lay evenly; where they do not, parts are cut again.
  const count = Math.ceil((1.1 * outline.count) / MAX_POINTS);
  const cuts = Array.from({ length: count - 1 }, (_, at) =>
    Math.floor(first + ((at + 1) * (last - first)) / count),
  );
  const parts: Curve[] = [];
  const read = async (from: number | null, to: number | null): Promise<void> => {
    const part = await load(from, to);
    if (part === null) return;
    const [low, high] = [from ?? (part.steps[0] as number), to ?? part.read.to];
    if (part.steps.length < part.count && low < high) {
      const middle = Math.floor(low / 2 + high / 2);
      await read(from, middle);
      await read(middle + 1, to);
    } else parts.push(part);
  };
  for (let at = 0; at < count; at++)
    await read(
      at === 0 ? null : (cuts[at - 1] as number) + 1,
      at === count - 1 ? null : (cuts[at] as number),
    );
  return joinCurves(parts);
}

function joinCurves(parts: readonly Curve[]): Curve {
  const sum = (count: (part: Curve) => number) => parts.reduce((total, part) => total + count(part), 0);
  const join = (name: "steps" | "values" | "times") => {
    const all = new Float64Array(sum((part) => part.steps.length));
    let place = 0;
    for (const part of parts) {
      all.set(part[name], place);
      place += part.steps.length;
    }
    return all;
  };
  return makeCurve({
    steps: join("steps"),
    values: join("values"),
    times: join("times"),
    count: sum((part) => part.count),
    nNonfinite: sum((part) => part.nNonfinite),
  });
}
