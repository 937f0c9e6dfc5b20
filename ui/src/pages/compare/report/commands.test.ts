import { expect, test } from "vitest";
import { writeCommand, writeRequest } from "./commands";

const asked = { runIds: ["a", "b"], baseline: null, metric: "it's $(x)", split: "val", minEffect: null };

test("what a metric is called cannot break out of the command", () => {
  expect(writeCommand(asked)).toBe(`modellab compare a b --metric 'it'\\''s $(x)' --split val --slices`);
});

test("the request holds what was asked", () => {
  expect(JSON.parse(writeRequest(asked).split("\n").slice(1).join("\n"))).toMatchObject({
    run_ids: ["a", "b"],
    split: "val",
  });
});
