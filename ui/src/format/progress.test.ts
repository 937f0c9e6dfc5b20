import { describe, expect, it, test } from "vitest";
import { progressOf, sayProgress, sayTimeLeft } from "./progress";

describe("the progress of a run", () => {
  it("is the greatest step against the param that says where the run ends", () => {
    const progress = progressOf({ lr: 0.1, n_epochs: 100 }, 40, 80);
    expect(progress).toEqual({ step: 40, total: 100, by: "n_epochs", fraction: 0.4, secondsLeft: 120 });
    expect(progress && sayProgress(progress)).toBe("step 40 of 100, by n_epochs");
  });

  it("goes by steps rather than by epochs when both are there", () => {
    expect(progressOf({ epochs: 10, total_steps: 5000 }, 4, 1)?.by).toBe("total_steps");
  });

  it("takes no limit of -1, no text and no NaN for a total", () => {
    expect(progressOf({ max_steps: -1, num_train_epochs: 3 }, 1, 1)?.by).toBe("num_train_epochs");
    expect(progressOf({ n_epochs: "100" }, 1, 1)).toBeNull();
    expect(progressOf({ n_epochs: Number.NaN }, 1, 1)).toBeNull();
  });

  it("says nothing when the step is beyond the total, unknown, or the params say no end", () => {
    expect(progressOf({ n_epochs: 10 }, 11, 1)).toBeNull();
    expect(progressOf({ n_epochs: 10 }, null, 1)).toBeNull();
    expect(progressOf({ lr: 10 }, 5, 1)).toBeNull();
    expect(progressOf(Object.create({ n_epochs: 10 }), 5, 1)).toBeNull();
  });

  it("tells no time left before the first step is done, and none at the end", () => {
    expect(progressOf({ n_epochs: 10 }, 0, 30)?.secondsLeft).toBeNull();
    expect(progressOf({ n_epochs: 10 }, 3, null)?.secondsLeft).toBeNull();
    expect(progressOf({ n_epochs: 10 }, 10, 30)?.secondsLeft).toBe(0);
  });
});

test("the time left is said no finer than it can be known", () => {
  const sayAt = (secondsLeft: number | null, fraction = 0.5) =>
    sayTimeLeft({ step: 1, total: 2, by: "n_steps", fraction, secondsLeft });
  expect([0.2, 42.4, 2458, 3590, 7500].map((seconds) => sayAt(seconds))).toEqual([
    "about 1 s left",
    "about 42 s left",
    "about 41 min left",
    "about 1 h left",
    "about 2 h 5 min left",
  ]);
  expect([sayAt(null), sayAt(0, 1)]).toEqual([null, null]);
});
