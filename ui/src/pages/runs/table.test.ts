import { describe, expect, test } from "vitest";
import type { Fields } from "./columns";
import * as columns from "./columns";
import * as rows from "./rows";
import { rowAfter } from "./useGridKeys";
import { isNewestFirst, isSameView, readView, viewAddressIn, viewAddressOf, writeView } from "./viewState";

function makeRun(id: string, minute: number, values: rows.Cell[] = []): rows.Run {
  return {
    run_id: id,
    name: null,
    project_id: null,
    status: "completed",
    started_at: `2026-11-20T09:${String(minute).padStart(2, "0")}:00+00:00`,
    duration_s: 1,
    dataset_id: null,
    parent_id: null,
    seed: null,
    n_artifacts: 0,
    n_nested: 0,
    note: null,
    error: null,
    tags: {},
    last_step: null,
    last_at: null,
    values,
  };
}

const idsOf = (found: rows.Rows) => found.list.map((row) => row?.run.run_id ?? "…");
const threeOf = (total: number) =>
  rows.placeRows(
    rows.noRows(total, ["metrics.a"]),
    0,
    [makeRun("c", 9), makeRun("b", 8), makeRun("a", 7)],
    total,
  );

describe("rows", () => {
  test("are read in stretches, and only those that are missing", () => {
    const some = rows.placeRows(
      rows.noRows(1000, []),
      200,
      Array.from({ length: 200 }, (_, at) => makeRun(`r${at}`, 1)),
      1000,
    );
    expect(rows.missingOffsets(some, 150, 450)).toEqual([0, 400]);
    expect(rows.missingOffsets(some, 990, 1200)).toEqual([800]);
  });

  test("of a shorter list than before leave nothing behind", () => {
    expect(idsOf(rows.placeRows(threeOf(5), 0, [makeRun("c", 9)], 2))).toEqual(["c", "b"]);
  });

  test("take in new runs where they belong, once", () => {
    const found = rows.insertNewest(threeOf(4), [makeRun("d", 10), makeRun("c", 9), makeRun("bc", 8)]);
    expect(idsOf(found)).toEqual(["d", "c", "bc", "b", "a", "…"]);
    expect(found.total).toBe(6);
  });

  test("know which runs are in none of them", () => {
    expect(rows.runsNotIn(threeOf(3), [makeRun("a", 7), makeRun("d", 10)]).map((run) => run.run_id)).toEqual([
      "d",
    ]);
    expect(rows.isWhole(threeOf(3))).toBe(true);
    expect(rows.isWhole(threeOf(4))).toBe(false);
  });

  test("know a new run from one that was not read yet", () => {
    expect(rows.isNewToNewest(threeOf(9), makeRun("x", 10))).toBe(true);
    expect(rows.isNewToNewest(threeOf(9), makeRun("x", 2))).toBe(false);
    expect(rows.isNewToNewest(threeOf(3), makeRun("x", 2))).toBe(true);
  });

  test("tell what changed in a run that was read again", () => {
    const after = rows.replaceRuns(threeOf(3), [{ ...makeRun("b", 8, [2]), status: "failed" }]);
    expect(after.list[1]?.changed).toEqual(new Set(["status", "metrics.a"]));
    expect(after.list[0]?.changed.size).toBe(0);
  });

  test("mark no change where many change at a time", () => {
    const others = Array.from({ length: rows.MAX_MARKED }, (_, at) => makeRun(`other ${at}`, 20 + at));
    const failed = { ...makeRun("b", 8, [2]), status: "failed" as const };
    expect(rows.replaceRuns(threeOf(3), [failed, ...others.slice(1)]).list[1]?.changed.size).toBe(2);
    expect(rows.replaceRuns(threeOf(3), [failed, ...others]).list[1]?.changed.size).toBe(0);
  });

  test("close up when runs are gone", () => {
    const after = rows.removeRuns(threeOf(5), new Set(["b", "unknown"]));
    expect(idsOf(after)).toEqual(["c", "a", "…", "…"]);
    expect(after.total).toBe(4);
  });

  test("give the ids of a range in both directions, and none where one is not read", () => {
    expect(rows.idsBetween(threeOf(5), 2, 0)).toEqual(["c", "b", "a"]);
    expect(rows.idsBetween(threeOf(5), 0, 4)).toBeNull();
  });

  test("have what a run has of a field, null if nothing, and nothing at all while it is read", () => {
    const run = makeRun("a", 1, ["nan"]);
    expect(rows.cellOf(run, "metrics.a", ["metrics.a"])).toBe("nan");
    expect(rows.cellOf(run, "seed", [])).toBeNull();
    expect(rows.cellOf(run, "metrics.b", ["metrics.a"])).toBeUndefined();
  });
});

const FIELDS: Fields = {
  metrics: [
    { name: "system/cpu", higher_is_better: null },
    { name: "loss", higher_is_better: false },
    { name: "accuracy", higher_is_better: true },
  ].map(({ name, higher_is_better }) => ({
    name,
    field: `metrics.${name}`,
    n_runs: 9,
    n_values: null,
    is_numeric: true,
    higher_is_better,
  })),
  params: [
    { name: "lr", field: "params.lr", n_runs: 9, n_values: 3, is_numeric: true, higher_is_better: null },
    {
      name: "epochs",
      field: "params.epochs",
      n_runs: 9,
      n_values: 1,
      is_numeric: true,
      higher_is_better: null,
    },
    {
      name: "path",
      field: "params.path",
      n_runs: 900,
      n_values: 900,
      is_numeric: false,
      higher_is_better: null,
    },
  ],
  tags: [],
  attributes: [],
  n_metrics: 3,
  n_params: 3,
  n_tags: 0,
};

describe("columns", () => {
  test("begin with the params that vary and the metrics that are not of the machine", () => {
    expect(columns.defaultColumns(FIELDS).map(({ field }) => field)).toEqual([
      "status",
      "started_at",
      "duration_s",
      "params.lr",
      "metrics.loss",
      "metrics.accuracy",
    ]);
  });

  test.each([
    { field: "metrics.loss.min", width: 120, isPinned: true },
    { field: 'params."a~12"' },
    { field: "curve:a ~ b" },
    { field: "metrics.__proto__", width: 90 },
  ])("are in the address as they are: $field", (column) => {
    expect(columns.readColumn(columns.writeColumn(column))).toEqual(column);
  });

  test("have the name first and those pinned before the others", () => {
    const found = columns.inPlace([
      { field: "seed" },
      { field: "status", isPinned: true },
      { field: "name" },
    ]);
    expect(found.map(({ field }) => field)).toEqual(["name", "status", "seed"]);
  });

  test("move among their like and never before the name", () => {
    const found = columns.inPlace([{ field: "a", isPinned: true }, { field: "b" }, { field: "c" }]);
    const fieldsOf = (moved: columns.Column[]) => moved.map(({ field }) => field).join("");
    expect(fieldsOf(columns.moveColumn(found, "b", 1))).toBe("nameacb");
    expect(fieldsOf(columns.moveColumn(found, "b", -1))).toBe("nameabc");
    expect(fieldsOf(columns.moveColumn(found, "a", -1))).toBe("nameabc");
    expect(fieldsOf(columns.dropColumn(found, "c", "a"))).toBe("namecab");
  });

  test("say which summary they show", () => {
    expect(columns.describeColumn("metrics.loss.min")).toEqual({
      label: "loss min",
      detail: "Smallest value of the metric loss",
    });
    expect(columns.describeColumn("curve:a/b").detail).toContain("Curve of the metric a/b");
  });

  test("sort by the best first where the server knows what is better", () => {
    expect(columns.isLargestFirst("metrics.loss", FIELDS)).toBe(false);
    expect(columns.isLargestFirst("metrics.loss.last", FIELDS)).toBe(false);
    expect(columns.isLargestFirst("metrics.accuracy", FIELDS)).toBe(true);
    expect(columns.isLargestFirst("metrics.system/cpu", FIELDS)).toBe(true);
    expect(columns.isLargestFirst("params.path", FIELDS)).toBe(false);
  });
});

describe("the view", () => {
  test("is the same after a way through an address and through a saved state", () => {
    const params = new URLSearchParams(
      "q=seed+%3D+1&col=!status~90&col=seed&sort=-seed&sort=name&group=seed&metric=a&summary=max",
    );
    const address = viewAddressOf(params);
    const written = writeView(readView(address));
    expect(isSameView(written, address)).toBe(true);
    expect(isSameView(viewAddressIn(JSON.parse(JSON.stringify(written))), address)).toBe(true);
  });

  test("that somebody saved wrongly is the default", () => {
    expect(isSameView(viewAddressIn({ q: 7, col: null, sort: [1] }), {})).toBe(true);
  });

  test("is newest first by itself and when its first key says so", () => {
    expect(isNewestFirst([])).toBe(true);
    expect(isNewestFirst([{ field: "started_at", isDescending: true }])).toBe(true);
    expect(isNewestFirst([{ field: "seed", isDescending: true }])).toBe(false);
  });
});

test.each([
  ["ArrowDown", 6],
  ["k", 4],
  ["PageDown", 9],
  ["Home", 0],
  ["End", 9],
  ["Enter", null],
])("%s goes from the sixth of ten rows to %s", (key, to) => {
  expect(rowAfter(key, { active: 5, total: 10, pageSize: 20 })).toBe(to);
  expect(rowAfter(key, { active: 0, total: 0, pageSize: 20 })).toBeNull();
});
