import { describe, expect, it } from "vitest";
import { readDevice, readPackages } from "./environment";

describe("the packages of a run", () => {
  it("are read from lines of pip", () => {
    const text = "numpy==2.1.0\nlab @ file:///home/ada/lab\n-e git+https://x/y#egg=y\n# comment\n\nodd\n";
    expect(readPackages(text)).toEqual([
      { name: "numpy", version: "2.1.0" },
      { name: "lab", version: "file:///home/ada/lab" },
      { name: "-e git+https://x/y#egg=y", version: "" },
      { name: "odd", version: "" },
    ]);
  });

  it("are none where none were recorded", () => {
    expect(readPackages(null)).toEqual([]);
  });
});

describe("the device of a run", () => {
  it("is said in words", () => {
    expect(
      readDevice('{"cores":2,"memory_gb":23.5,"gpus":[{"name":"A100","memory_gb":80,"driver":"550"}]}'),
    ).toEqual([
      { label: "Cores", value: "2" },
      { label: "Memory", value: "23.5 GB" },
      { label: "GPUs", value: "A100, 80 GB, driver 550" },
    ]);
  });

  it("of another program is shown as it stands", () => {
    expect(readDevice("a big machine")).toEqual([{ label: "Device", value: "a big machine" }]);
  });
});
