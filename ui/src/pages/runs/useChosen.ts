import { useCallback, useEffect, useRef, useState } from "react";
import { useLive } from "~/api/useLive";
import { idsBetween, type Rows } from "./rows";

export interface Chosen {
  ids: ReadonlySet<string>;
  /** Choose the row or not any more; with `isRange` all rows from the one chosen before. */
  choose: (index: number, isRange: boolean) => Promise<void>;
  set: (ids: readonly string[]) => void;
  clear: () => void;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The runs that were chosen. They stay so through scrolling, sorting and filters, until they are deleted.
 * `read` makes sure that the rows of a range are there.
 */
export function useChosen(
  rows: Rows | undefined,
  read: (from: number, to: number) => Promise<Rows | undefined>,
  project: string | null,
): Chosen {
  const [ids, setIds] = useState(NONE);
  const anchor = useRef<number | null>(null);
  const latest = useRef(rows);
  latest.current = rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another project has other runs
  useEffect(() => setIds(NONE), [project]);

  useLive((event) => {
    if (event.kind !== "changed" || event.run.deleted_at === null || !ids.has(event.run.run_id)) return;
    setIds((before) => new Set([...before].filter((id) => id !== event.run.run_id)));
  });

  const choose = useCallback(
    async (index: number, isRange: boolean) => {
      const from = isRange && anchor.current !== null ? anchor.current : index;
      if (!isRange || anchor.current === null) anchor.current = index;
      const known = latest.current && idsBetween(latest.current, from, index);
      const range = known ?? (await readRange(read, from, index));
      if (range === null) return;
      setIds((before) => {
        const after = new Set(before);
        const [only] = range;
        if (!isRange && only !== undefined && before.has(only)) after.delete(only);
        else for (const id of range) after.add(id);
        return after;
      });
    },
    [read],
  );
  const set = useCallback((all: readonly string[]) => setIds(new Set(all)), []);
  const clear = useCallback(() => {
    anchor.current = null;
    setIds(NONE);
  }, []);
  return { ids, choose, set, clear };
}

async function readRange(
  read: (from: number, to: number) => Promise<Rows | undefined>,
  one: number,
  other: number,
): Promise<string[] | null> {
  const rows = await read(Math.min(one, other), Math.max(one, other) + 1);
  return rows ? idsBetween(rows, one, other) : null;
}
