// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { formatNumber } from "./number";

describe("a number", () => {
  it("keeps zeros at its end where digits were cut, so that a column lines up", () => {
    expect(["0.95560", "0.95604", "0.92496"].map((text) => formatNumber(Number(text)))).toEqual([
      "0.9556",
      "0.9560",
      "0.9250",
    ]);
    expect(formatNumber(1.00004e-5)).toBe("1.00e−5");
  });

  it("has no zeros that nobody wrote", () => {
    expect([0.01, 0.95, 100, 1e-5, 12345, 0].map((value) => formatNumber(value))).toEqual([
      "0.01",
      "0.95",
      "100",
      "1e−5",
      "12\u202f345",
      "0",
    ]);
  });

  it("may be none, infinite or missing", () => {
    expect(["nan", "inf", "-inf", null].map((value) => formatNumber(value as never))).toEqual([
      "NaN",
      "∞",
      "−∞",
      "–",
    ]);
  });
});
