import type { FieldChoice } from "./ExploreTab";

const TITLES = { param: "Params", metric: "Metrics", attribute: "Of the run" } as const;

/** Fields as options of a select, by kind. */
export function groupFields(fields: readonly FieldChoice[]) {
  return (["param", "metric", "attribute"] as const)
    .map((kind) => ({
      group: TITLES[kind],
      items: fields.filter((one) => one.kind === kind).map(({ field, label }) => ({ value: field, label })),
    }))
    .filter(({ items }) => items.length > 0);
}
