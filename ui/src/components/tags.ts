/** Tags as people type them: `team=vision`. */

/** Texts `name=value`, sorted by name. */
export function formatTags(tags: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(tags)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .sort();
}

/** The tags that texts name; a text without a name before `=` is wrong and named in `wrong`. */
export function parseTags(texts: readonly string[]): { tags: Map<string, string>; wrong: string[] } {
  const tags = new Map<string, string>();
  const wrong: string[] = [];
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = text.slice(0, Math.max(at, 0)).trim();
    if (name === "") wrong.push(text);
    else tags.set(name, text.slice(at + 1).trim());
  }
  return { tags, wrong };
}

/** What to send so that tags become these: a removed one is `null`; `undefined` if nothing is different. */
export function changeOfTags(
  before: Readonly<Record<string, unknown>>,
  after: ReadonlyMap<string, string>,
): Record<string, string | null> | undefined {
  const change: [string, string | null][] = [];
  const known = new Map(formatTags(before).map((text) => split(text)));
  for (const [name, value] of after) if (known.get(name) !== value) change.push([name, value]);
  for (const name of known.keys()) if (!after.has(name)) change.push([name, null]);
  return change.length === 0 ? undefined : toObject(change);
}

/** An object whose names may be any text, `__proto__` too. */
export function toObject<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(entries);
}

function split(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
