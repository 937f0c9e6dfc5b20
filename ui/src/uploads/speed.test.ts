import { describe, expect, it } from "vitest";
import { addSample, type Sample, secondsLeft, speedOf } from "./speed";

function collect(...samples: [number, number][]): Sample[] {
  return samples.reduce<Sample[]>((all, [at, bytes]) => addSample(all, { at, bytes }), []);
}

describe("the speed of an upload", () => {
  it("is unknown at first, then bytes by time", () => {
    expect(speedOf(collect([0, 0]))).toBeNull();
    expect(speedOf(collect([0, 0], [500, 1000]))).toBe(2000);
  });

  it("forgets what was long ago, so that it tells when the line has become slow", () => {
    expect(speedOf(collect([0, 0], [1000, 1e6], [9000, 1e6 + 8000]))).toBe(1000);
  });

  it("tells the time left, and none while nothing moves", () => {
    expect(secondsLeft(collect([0, 0], [1000, 100]), 300)).toBe(2);
    expect(secondsLeft(collect([0, 50], [1000, 50]), 300)).toBeNull();
  });
});
