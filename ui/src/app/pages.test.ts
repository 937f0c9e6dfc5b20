import { expect, test } from "vitest";
import { findPage } from "./pages";

test("the page of an address is known before there is a router", () => {
  expect(findPage("")).toBe("");
  expect(findPage("#/")).toBe("");
  expect(findPage("#/?project=a/b")).toBe("");
  expect(findPage("#/runs?q=metrics.loss < 1/2")).toBe("runs");
  expect(findPage("#/runs/")).toBe("runs");
  expect(findPage("#/runs/18ebf3cb/charts?x=time")).toBe("runs/:runId/:tab?");
  expect(findPage("#/settings")).toBe("settings/:section?");
  expect(findPage("#/settings/storage")).toBe("settings/:section?");
  expect(findPage("#/datasets/3/preview")).toBe("datasets/:datasetId/:tab?");
});

test("an address of no page names none", () => {
  expect(findPage("#/nowhere")).toBeUndefined();
  expect(findPage("#/experiments/0/runs/18ebf3cb")).toBeUndefined();
  expect(findPage("#/__proto__")).toBeUndefined();
});
