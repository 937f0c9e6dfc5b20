import { describe, expect, it } from "vitest";
import type { LivePoints } from "~/api/live";
import {
  appendPoints,
  chooseMetrics,
  isLong,
  MAX_POINTS,
  type Overview,
  type RunningRun,
  readCurves,
  withPoints,
} from "./running";

const RUN: RunningRun = {
  run_id: "r",
  name: null,
  project_id: null,
  started_at: "2026-11-20T09:30:00Z",
  last_at: null,
  last_step: 4,
  n_metrics: 4,
  values: ["__proto__", "a", "test/accuracy", "train_loss"].map((metric) => ({ metric, step: 4, value: 1 })),
};
const OVERVIEW = { running: [RUN] } as unknown as Overview;

function points(metrics: [string, number, number][], run_id = "r"): LivePoints {
  return {
    run_id,
    project_id: null,
    status: "running",
    metrics: Object.fromEntries(metrics.map(([name, step, value]) => [name, { step, value, count: step }])),
  };
}
function curves(name: string, values: number[]) {
  const series = [{ name, steps: values.map((_, at) => at), values }];
  return readCurves({ items: [{ run_id: "r", series }], missing: [] } as never);
}

describe("running runs on the dashboard", () => {
  it("show the metrics that results are told of, then losses, then others", () => {
    expect(chooseMetrics(RUN, new Set(["test/accuracy"]))).toEqual([
      "test/accuracy",
      "train_loss",
      "__proto__",
    ]);
  });

  it("take newer values and the greatest step from live points, also of a metric called __proto__", () => {
    const next = withPoints(
      OVERVIEW,
      points([
        ["__proto__", 7, 3],
        ["system/cpu", 99, 1],
      ]),
    ).running[0];
    expect(next?.values[0]).toEqual({ metric: "__proto__", step: 7, value: 3 });
    expect(next?.values[1]?.step).toBe(4);
    expect(next?.last_step).toBe(7);
  });

  it("stay the very same when the points are of another run", () => {
    expect(withPoints(OVERVIEW, points([["a", 7, 3]], "other"))).toBe(OVERVIEW);
    const known = curves("a", [1, 2]);
    expect(appendPoints(known, points([["a", 7, 3]], "other"))).toBe(known);
  });

  it("grow their curves by later steps only", () => {
    const known = curves("a", [1, 2]);
    expect(appendPoints(known, points([["a", 1, 9]]))).toBe(known);
    expect(
      appendPoints(known, points([["a", 2, 9]]))
        .get("r")
        ?.get("a")?.values,
    ).toEqual([1, 2, 9]);
  });

  it("are asked for anew once a curve has become long", () => {
    expect(isLong(curves("a", Array(MAX_POINTS).fill(0)))).toBe(false);
    expect(isLong(curves("a", Array(MAX_POINTS + 1).fill(0)))).toBe(true);
  });
});
