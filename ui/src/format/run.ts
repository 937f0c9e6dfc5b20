/** What a run is called where there is little room, and which colour it has: the same everywhere. */

/** Its name, else the end of its id as the command line shows it. */
export function labelRun(run: { run_id: string; name?: string | null }): string {
  return run.name || shortId(run.run_id);
}

/** What runs are called side by side: those of one name by the end of their ids too, as much of it as is needed. */
export function labelRuns(
  runs: readonly { run_id: string; name?: string | null }[],
): ReadonlyMap<string, string> {
  const isShared = countEqual(runs.map(labelRun));
  const isSharedShort = countEqual(runs.map(({ run_id }) => shortId(run_id)));
  return new Map(
    runs.map((run) => {
      const label = labelRun(run);
      if (!isShared(label)) return [run.run_id, label];
      const id = isSharedShort(shortId(run.run_id)) ? run.run_id : shortId(run.run_id);
      return [run.run_id, run.name ? `${run.name} ${id}` : id];
    }),
  );
}

function countEqual(texts: readonly string[]): (text: string) => boolean {
  const once = new Set<string>();
  const twice = new Set(texts.filter((text) => once.has(text) || !once.add(text)));
  return (text) => twice.has(text);
}

/** The last 8 characters of an id, which tell runs of one day apart. */
export function shortId(runId: string): string {
  return runId.slice(-8);
}

/** Ten colours that people with any colour vision can tell apart on light and dark (Okabe-Ito, extended). */
export const SERIES_COLORS = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#b8578f",
  "#56a0d3",
  "#c98a00",
  "#7a5195",
  "#5b8c00",
  "#a0522d",
  "#6c757d",
] as const;
/** Dashes tell lines of one chart apart whose colours are the same; the first is a full line. */
export const SERIES_DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

export interface SeriesStyle {
  color: string;
  dash: readonly number[];
}

/** The colour of a run or any other key, from its text alone: the same everywhere. */
export function colorOf(key: string): string {
  return SERIES_COLORS[hashText(key) % SERIES_COLORS.length] ?? SERIES_COLORS[0];
}

/** Colours of keys that are drawn together; those of one colour differ by their dashes, in the order given. */
export function stylesOf(keys: readonly string[]): SeriesStyle[] {
  const used = new Map<string, number>();
  return keys.map((key) => {
    const color = colorOf(key);
    const before = used.get(color) ?? 0;
    used.set(color, before + 1);
    return { color, dash: SERIES_DASHES[before % SERIES_DASHES.length] ?? [] };
  });
}

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  // Ids of one sweep differ in their last characters only; this spreads them.
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}
