import { describe, expect, it } from "vitest";
import { searchDatasets, sortDatasets } from "./listing";
import type { Dataset } from "./queries";

function make(name: string, more: Partial<Dataset> = {}): Dataset {
  return { name, description: null, filename: null, tags: {}, n_rows: null, ...more } as Dataset;
}
const names = (datasets: Dataset[]) => datasets.map(({ name }) => name);

describe("a list of datasets", () => {
  const all = [
    make("Iris", { n_rows: 150, tags: { source: "uci" } }),
    make("blob"),
    make("wide", { n_rows: 9 }),
  ];

  it("is searched in names, descriptions, files and tags, in any case", () => {
    expect(names(searchDatasets(all, "IRIS uci"))).toEqual(["Iris"]);
    expect(names(searchDatasets(all, "source=uci"))).toEqual(["Iris"]);
    expect(searchDatasets(all, " ")).toHaveLength(3);
  });

  it("has what has no value last in both directions", () => {
    expect(names(sortDatasets(all, "rows"))).toEqual(["wide", "Iris", "blob"]);
    expect(names(sortDatasets(all, "-rows"))).toEqual(["Iris", "wide", "blob"]);
  });

  it("sorts names without regard to case, and keeps its order for a field it does not know", () => {
    expect(names(sortDatasets(all, "name"))).toEqual(["blob", "Iris", "wide"]);
    expect(names(sortDatasets(all, "__proto__"))).toEqual(["Iris", "blob", "wide"]);
  });
});
