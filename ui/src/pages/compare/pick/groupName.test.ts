import { expect, test } from "vitest";
import { nameGroup } from "./groupName";

const groups = [
  {
    group_id: "g1",
    key: { "params.model": "svm", "params.task": "digits", git_hash: "abc", "params.depth": null },
  },
  {
    group_id: "g2",
    key: { "params.model": "tree", "params.task": "digits", git_hash: "abc", "params.depth": 3 },
  },
  { group_id: "g3", key: {} },
] as const;

test("a group is named by the params that few others share, then by other facts", () => {
  expect(groups[0] && nameGroup(groups[0], groups)).toEqual([
    { field: "model", value: "svm" },
    { field: "task", value: "digits" },
    { field: "git_hash", value: "abc" },
  ]);
});

test("a group that nothing tells from the others has its id", () => {
  expect(nameGroup(groups[2], groups)).toEqual([{ field: "group", value: "g3" }]);
});

test("long values are cut", () => {
  const group = { group_id: "g", key: { "params.x": "y".repeat(300) } };
  expect(nameGroup(group, [group])[0]?.value).toHaveLength(40);
});
