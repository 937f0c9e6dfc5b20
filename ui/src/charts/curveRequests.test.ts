import { expect, test } from "vitest";
import { type CurveKey, planRequests } from "./curveRequests";

const ids = (count: number) => Array.from({ length: count }, (_, at) => `${at}`.padStart(32, "0"));
const cross = (runs: string[], metrics: string[]): CurveKey[] =>
  runs.flatMap((runId) => metrics.map((metric) => ({ runId, metric })));

test("charts of one run are one request", () => {
  expect(planRequests(cross(["a"], ["x", "y", "z"]), 500)).toEqual([
    { runIds: ["a"], metrics: ["x", "y", "z"] },
  ]);
});

test("metrics of other runs are another request, so that nothing is read in vain", () => {
  const wanted = [...cross(["a", "b"], ["x"]), ...cross(["a"], ["y"])];
  expect(planRequests(wanted, 500)).toEqual([
    { runIds: ["a", "b"], metrics: ["x"] },
    { runIds: ["a"], metrics: ["y"] },
  ]);
});

test("all that is wanted is asked for exactly once, within the limits of the server", () => {
  const wanted = cross(
    ids(50),
    Array.from({ length: 300 }, (_, at) => `metric/${at}`),
  );
  const plan = planRequests(wanted, 1000);
  const asked = plan.flatMap(({ runIds, metrics }) =>
    runIds.flatMap((runId) => metrics.map((metric) => `${runId} ${metric}`)),
  );
  expect(new Set(asked).size).toBe(wanted.length);
  expect(asked.length).toBe(wanted.length);
  for (const { runIds, metrics } of plan) {
    expect(runIds.length * metrics.length * 1000).toBeLessThanOrEqual(100_000);
    expect(runIds.length).toBeLessThanOrEqual(50);
  }
});

test("long names do not make a long address", () => {
  const metrics = Array.from({ length: 20 }, (_, at) => `${at}${"ü".repeat(250)}`);
  const plan = planRequests(cross(["a"], metrics), 100);
  expect(plan.length).toBeGreaterThan(1);
  for (const request of plan) expect(encodeURIComponent(request.metrics.join("")).length).toBeLessThan(7000);
});

test("metrics may have the names that objects have", () => {
  const plan = planRequests(cross(["a"], ["__proto__", "constructor"]), 100);
  expect(plan).toEqual([{ runIds: ["a"], metrics: ["__proto__", "constructor"] }]);
});
