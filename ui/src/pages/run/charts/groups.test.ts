import { describe, expect, it } from "vitest";
import { groupByPrefix, sayMachineMetric, searchNames } from "./groups";

describe("metrics in groups", () => {
  it("are by what stands before the first slash, names without one first", () => {
    expect(groupByPrefix(["val/loss", "train/loss", "lr", "train/a/b", "__proto__"])).toEqual([
      { prefix: "", names: ["__proto__", "lr"] },
      { prefix: "train", names: ["train/a/b", "train/loss"] },
      { prefix: "val", names: ["val/loss"] },
    ]);
  });

  it("are in the order in which people count", () => {
    expect(groupByPrefix(["layer10", "layer2"])[0]?.names).toEqual(["layer2", "layer10"]);
  });

  it("are found by words in any order and letter case", () => {
    expect(searchNames(["train/Loss", "val/loss", "lr"], "LOSS train")).toEqual(["train/Loss"]);
    expect(searchNames(["a"], " ")).toEqual(["a"]);
  });

  it("of the machine are said in words", () => {
    expect(sayMachineMetric("system/gpu1_power_w")).toBe("GPU 1 power, W");
    expect(sayMachineMetric("system/cpu_percent")).toBe("CPU of the machine, %");
    expect(sayMachineMetric("system/my own")).toBe("my own");
  });
});
