import { expect, test } from "vitest";
import { changeSettings, DEFAULT_SETTINGS, readSettings, writeSettings } from "./settings";
import type { ChartSettings } from "./types";

function throughAddress(change: Partial<ChartSettings>): ChartSettings {
  const written = new Map(Object.entries(writeSettings(change)));
  return readSettings((name) => written.get(name) ?? null);
}

test("settings come back from the address as they were", () => {
  const settings: ChartSettings = {
    xKind: "metric",
    xMetric: "a/b=c&__proto__",
    xLog: true,
    yLog: true,
    smoothing: 0.6,
    outliers: true,
    range: null,
  };
  expect(throughAddress(settings)).toEqual(settings);
  expect(throughAddress(DEFAULT_SETTINGS)).toEqual(DEFAULT_SETTINGS);
});

test("a range keeps the digits that its width needs", () => {
  expect(throughAddress({ range: [-5.123456789, 1e6] }).range).toEqual([-5, 1e6]);
  expect(throughAddress({ range: [0.12345678, 0.2] }).range?.[0]).toBeCloseTo(0.123457, 6);
  expect(throughAddress({ range: [1e-300, 2e-300] }).range).toEqual([1e-300, 2e-300]);
});

test("a change of what x is forgets the range, and only that", () => {
  expect(writeSettings({ xKind: "time" })).toEqual({ x: "time", xmetric: null, range: null });
  const zoomed = { ...DEFAULT_SETTINGS, range: [1, 2] } as const;
  expect(changeSettings(zoomed, { xKind: "time" }).range).toBeNull();
  expect(changeSettings(zoomed, { yLog: true }).range).toEqual([1, 2]);
  expect(writeSettings({ smoothing: 0 })).toEqual({ smooth: null });
});

test("what is not understood is the default", () => {
  const address = new Map([
    ["x", "sideways"],
    ["smooth", "7"],
    ["range", "9..1"],
  ]);
  const settings = readSettings((name) => address.get(name) ?? null);
  expect(settings).toEqual({ ...DEFAULT_SETTINGS, smoothing: 0.99 });
});
