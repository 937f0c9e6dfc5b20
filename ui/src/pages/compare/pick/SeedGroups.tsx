/** Whole seed groups to choose; filled in when the route is there. */
export function SeedGroups(_: { query: string; chosen: readonly string[] }) {
  return null;
}
