/** Which requests bring many curves: few, and none too large. Pure. */

export interface CurveKey {
  runId: string;
  metric: string;
}
export interface CurveRequest {
  runIds: readonly string[];
  metrics: readonly string[];
}

/** The server's limits. */
const MAX_RUNS = 50;
const MAX_METRICS = 200;
/** Points in one answer: several answers at once are drawn sooner than a large one. */
const MAX_POINTS = 100_000;
/** Characters of an address; proxies commonly take 8 kB. */
const MAX_LENGTH = 6000;

/** Requests that together ask for all of `wanted`, and, where metrics have the same runs, for nothing else. */
export function planRequests(wanted: readonly CurveKey[], maxPoints: number): CurveRequest[] {
  const runsOf = new Map<string, Set<string>>();
  for (const { runId, metric } of wanted) {
    const runs = runsOf.get(metric) ?? new Set();
    runsOf.set(metric, runs.add(runId));
  }
  const groups = new Map<string, { runs: string[]; metrics: string[] }>();
  for (const [metric, found] of runsOf) {
    const runs = [...found].sort();
    const group = groups.get(runs.join("\n")) ?? { runs, metrics: [] };
    group.metrics.push(metric);
    groups.set(runs.join("\n"), group);
  }
  const most = Math.max(Math.floor(MAX_POINTS / maxPoints), 1);
  return [...groups.values()].flatMap(({ runs, metrics }) =>
    cut(runs, Math.min(MAX_RUNS, most), MAX_LENGTH / 2).flatMap((runIds) => {
      const left = MAX_LENGTH - lengthOf(runIds);
      const count = Math.min(Math.max(Math.floor(most / runIds.length), 1), MAX_METRICS);
      return cut(metrics, count, left).map((part) => ({ runIds, metrics: part }));
    }),
  );
}

/** Parts of at most `count` items and about `length` characters; an item that is longer has a part of its own. */
function cut(items: readonly string[], count: number, length: number): string[][] {
  const parts: string[][] = [];
  let [part, size] = [[] as string[], 0];
  for (const item of items) {
    const more = lengthOf([item]);
    if (part.length > 0 && (part.length >= count || size + more > length)) {
      parts.push(part);
      [part, size] = [[], 0];
    }
    part.push(item);
    size += more;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function lengthOf(items: readonly string[]): number {
  return items.reduce((sum, item) => sum + encodeURIComponent(item).length + "&run_id=".length, 0);
}
