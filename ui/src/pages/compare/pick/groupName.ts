/** What a seed group is called where groups are chosen: by what tells it from the others. Pure. */

import { readField } from "~/format/query";

interface Keyed {
  group_id: string;
  key: Record<string, unknown>;
}

const MOST = 4;
const LONGEST = 40;

/**
 * The values that tell a group from the others, params first and those that most groups share out; else its id.
 *
 * The answer's key has every field in which any two groups differ; of most, this group has nothing to say.
 */
export function nameGroup<G extends Keyed>(
  group: G,
  groups: readonly G[],
): { field: string; value: string }[] {
  const told = Object.entries(group.key)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([field, value]) => ({
      field,
      value: shorten(value),
      alike: groups.filter((other) => other.key[field] === value).length,
      isParam: field.startsWith("params."),
    }))
    .sort((one, other) => Number(other.isParam) - Number(one.isParam) || one.alike - other.alike)
    .slice(0, MOST);
  return told.length === 0
    ? [{ field: "group", value: group.group_id }]
    : told.map(({ field, value, isParam }) => ({ field: isParam ? readField(field).name : field, value }));
}

function shorten(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
