import { expect, test } from "vitest";
import type { WholeRun } from "../queries";
import { addEqual, formatValue, rankValues, readConfig, readPackages, readParams, readRows } from "./listing";

const run = (run_id: string, facts: object) =>
  ({ run_id, params: {}, config: {}, ...facts }) as unknown as WholeRun;
const params = JSON.parse('{"__proto__": 1, "lr": 0.1}');

test("what is the same stands between what differs, by name", () => {
  const rows = addEqual(
    readRows([{ name: "lr", values: { a: 0.1, b: 0.2 } }]),
    [run("a", { params }), run("b", { params })],
    readParams,
  );
  expect(rows.map((row) => [row.name, row.differs])).toEqual([
    ["__proto__", false],
    ["lr", true],
  ]);
});

test("nested values of a config have names joined by dots; an empty one stays a value", () => {
  const found = readConfig(run("a", { config: { net: { width: 64, blocks: [1, 2] }, none: {} } }));
  expect([...found]).toEqual([
    ["net.width", 64],
    ["net.blocks", [1, 2]],
    ["none", {}],
  ]);
});

test("packages have versions", () => {
  expect([...readPackages(run("a", { pip_freeze: "numpy==2.4.0\n\nlocal @ file:///x\n" }))]).toEqual([
    ["numpy", "2.4.0"],
    ["local @ file:///x", ""],
  ]);
});

test("texts stand as they are, all else as JSON", () => {
  expect([formatValue("0.1"), formatValue(0.1), formatValue(null), formatValue([1])]).toEqual([
    "0.1",
    "0.1",
    "null",
    "[1]",
  ]);
});

test("values that few runs have stand out", () => {
  const [row] = readRows([{ name: "opt", values: { a: "sgd", b: "adam", c: "adam" } }]);
  expect(row && [...rankValues(row)]).toEqual([
    ["a", 1],
    ["b", 0],
    ["c", 0],
  ]);
});
