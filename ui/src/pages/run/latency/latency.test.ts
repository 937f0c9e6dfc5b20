import { describe, expect, it } from "vitest";
import { curveOption, listLines, placeOf } from "./latencyOptions";
import { describeMachine, formatEnds, listMachines, nameLevel, namePercentile, nameShare } from "./levels";
import type { Distribution, LatencyReport, Level } from "./report";

const distribution = (curve: { q: number; value_ms: number | null }[] = []): Distribution =>
  ({
    n: 1,
    percentiles: [],
    curve: curve.map((point) => ({ ...point, low_ms: null, high_ms: null, note: null })),
  }) as unknown as Distribution;
const level = (more: Partial<Level> = {}): Level =>
  ({
    concurrency: 1,
    rate_per_s: null,
    latency: distribution(),
    service: null,
    corrected: null,
    ...more,
  }) as Level;

describe("a percentile", () => {
  it("is named without the noise of floats", () => {
    expect(namePercentile(0.999)).toBe("p99.9");
    expect(nameShare(0.29)).toBe("29 %");
  });
  it("with too few calls on one side has an interval that is open there", () => {
    expect(formatEnds({ low_ms: 1.5, high_ms: null })).toBe("from 1.5 ms");
    expect(formatEnds({ low_ms: null, high_ms: 2 })).toBe("up to 2 ms");
    expect(formatEnds({ low_ms: null, high_ms: null })).toBe("none");
    expect(formatEnds({ low_ms: 1, high_ms: 2 })).toBe("1 to 2 ms");
  });
});

describe("the percentile curve", () => {
  it("gives each further tenth of the slowest calls the same room", () => {
    expect(placeOf(0.9)).toBeCloseTo(1);
    expect(placeOf(0.999)).toBeCloseTo(3);
  });
  it("leaves out what a logarithmic axis has no place for", () => {
    const lines = listLines([
      level({
        latency: distribution([
          { q: 0, value_ms: 0 },
          { q: 0.5, value_ms: 2 },
          { q: 1, value_ms: 3 },
        ]),
      }),
    ]);
    const option = curveOption(lines, { series: ["#000"] } as never) as unknown as {
      series: { data: number[][] }[];
    };
    expect(option.series[0]?.data).toEqual([[placeOf(0.5), 2]]);
  });
  it("has a line for each load, and beside the only load what else was counted", () => {
    expect(listLines([level(), level({ concurrency: 4 })]).map(({ name }) => name)).toEqual([
      "1 worker",
      "4 workers",
    ]);
    const open = level({ rate_per_s: 100, service: distribution() });
    expect(listLines([open]).map(({ name }) => name)).toEqual(["latency", "service"]);
    expect(nameLevel(open)).toBe("1 worker, 100 calls/s planned");
  });
});

describe("machines", () => {
  const report = (name: string, machine: Record<string, unknown> | null): LatencyReport =>
    ({ name, machine }) as LatencyReport;
  it("are the same where what matters of them is", () => {
    const one = { cpu: "EPYC", cores: 2, memory_gb: 23.5 };
    const machines = listMachines([
      report("a", one),
      report("b", { ...one, memory_gb: 23.4 }),
      report("c", null),
    ]);
    expect([...machines]).toEqual([["EPYC, 2 cores", ["a", "b"]]]);
  });
  it("that differ are told apart", () => {
    expect(listMachines([report("a", { cpu: "A" }), report("b", { cpu: "B" })]).size).toBe(2);
  });
  it("of which nothing is known have no name", () => {
    expect(describeMachine({})).toBeNull();
  });
});
