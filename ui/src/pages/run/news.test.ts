import { describe, expect, it } from "vitest";
import { lastStepOf, withPoints } from "./news";
import type { WholeRun } from "./queries";

const metric = (name: string, last: number, step: number) => ({
  name,
  final: last,
  last,
  first: 1,
  min: last,
  max: 1,
  count: step,
  n_nonfinite: 0,
  first_step: 0,
  last_step: step,
  min_step: step,
  max_step: 0,
});
const run = {
  run_id: "a",
  status: "running",
  metrics: { loss: metric("loss", 0.5, 10), "system/cpu_percent": metric("system/cpu_percent", 3, 900) },
  final_metrics: { loss: 0.5 },
} as unknown as WholeRun;
const news = (name: string, value: number | "nan", step: number) => ({
  run_id: "a",
  project_id: null,
  status: "running" as const,
  metrics: Object.fromEntries([[name, { step, value, count: step }]]),
});

describe("news of a run", () => {
  it("move the newest value, its step, and the extremes that it passes", () => {
    const { metrics, final_metrics } = withPoints(run, news("loss", 0.25, 11));
    expect(metrics.loss).toMatchObject({
      last: 0.25,
      last_step: 11,
      count: 11,
      min: 0.25,
      min_step: 11,
      max: 1,
    });
    expect(final_metrics.loss).toBe(0.25);
    expect(run.metrics.loss?.last).toBe(0.5);
  });

  it("leave the extremes alone when a value is NaN", () => {
    expect(withPoints(run, news("loss", "nan", 11)).metrics.loss).toMatchObject({
      last: "nan",
      min: 0.5,
      max: 1,
      min_step: 10,
    });
  });

  it("bring a metric that was not there, whatever it is called", () => {
    const after = withPoints(run, news("__proto__", 3, 1));
    expect(Object.keys(after.metrics)).toContain("__proto__");
    expect(Object.entries(after.final_metrics)).toContainEqual(["__proto__", 3]);
  });

  it("do not let the machine's own steps pass for progress", () => {
    expect(lastStepOf(run)).toBe(10);
  });
});
