/** The rows of the table: read where one looks, and kept as they are now by what the live stream says. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { LiveEvent } from "~/api/live";
import { useLive } from "~/api/useLive";
import { MAX_RUN_IDS, readRuns, readTable, type TableRequest, tableKey } from "./queries";
import * as rowsOf from "./rows";
import { isNewestFirst } from "./viewState";

/** Rows that come into sight while one scrolls are asked for at most this often. */
const SCROLL_MS = 80;
/** Who moves by more rows than this in that time reads none of them: they are asked for when it gets slower. */
const MOST_READABLE = rowsOf.WINDOW / 2;
/** Changed rows are read again at most this often. */
const REFRESH_MS = 1000;

interface Range {
  from: number;
  to: number;
}
const TOP: Range = { from: 0, to: rowsOf.WINDOW };

export interface RunRows {
  rows: rowsOf.Rows | undefined;
  error: unknown;
  /** What is shown is of an earlier filter, order or set of columns; the new one is being read. */
  isOld: boolean;
  retry: () => void;
  /** Say which rows are seen, so that they and those after them are read. */
  see: (from: number, to: number) => void;
  /** Read all rows of a range. */
  read: (from: number, to: number) => Promise<rowsOf.Rows | undefined>;
  /** New runs that match and are not in the table yet. */
  nNew: number;
  /** Values changed after the rows were put in order. */
  isOrderOld: boolean;
  /** Put new runs in the table, and rows in order again. */
  takeIn: () => void;
}

/** `mayInsert` says whether rows may be put at the top at this moment. */
export function useRunRows(asked: TableRequest, mayInsert: () => boolean): RunRows {
  const queries = useQueryClient();
  const key = useMemo(() => tableKey(asked), [asked]);
  const seen = useRef<Range>(TOP);
  const order = JSON.stringify([asked.project, asked.query, asked.sort]);
  const seenOrder = useRef(order);
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => {
      // Other columns leave one where one is; another filter or order begins at the top.
      if (seenOrder.current !== order) [seen.current, seenOrder.current] = [TOP, order];
      return readSeen(asked, seen.current, signal);
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    // Events are heard only while the table is shown: it is read anew when one comes back to it.
    gcTime: 0,
    // A row is changed by a new one; to compare ten thousand would only cost.
    structuralSharing: false,
  });
  const change = useCallback(
    (make: (rows: rowsOf.Rows) => rowsOf.Rows) =>
      queries.setQueryData<rowsOf.Rows>(key, (rows) => rows && make(rows)),
    [queries, key],
  );
  const { arrived, recheck, ...news } = useNews(asked, key, seen, change, mayInsert);
  const waiting = useMemo(
    () => (found.data === undefined ? 0 : rowsOf.runsNotIn(found.data, arrived.values()).length),
    [found.data, arrived],
  );
  // The server counts runs that wait to be taken in, so that its rows are further down by as many.
  const { see, read } = useReading(asked, key, seen, change, isNewestFirst(asked.sort) ? waiting : 0);
  // While a filter has a mistake, what was shown before it stays.
  const last = useRef(found.data);
  useEffect(() => {
    if (found.data !== undefined) last.current = found.data;
  });
  return {
    rows: found.data ?? (found.error === null ? undefined : last.current),
    error: found.error,
    isOld: found.isPlaceholderData || found.error !== null,
    retry: () => void found.refetch(),
    see: useCallback(
      (from: number, to: number) => {
        see(from, to);
        recheck();
      },
      [see, recheck],
    ),
    read,
    nNew: waiting,
    ...news,
  };
}

/** The stretches that are seen: at first the top, and after a break of the connection wherever one is. */
async function readSeen(asked: TableRequest, seen: Range, signal: AbortSignal): Promise<rowsOf.Rows> {
  const first = Math.floor(seen.from / rowsOf.WINDOW) * rowsOf.WINDOW;
  const limit = Math.max(Math.ceil(seen.to / rowsOf.WINDOW) * rowsOf.WINDOW - first, rowsOf.WINDOW);
  const page = await readTable(asked, { offset: first, limit: Math.min(limit, 1000) }, signal);
  return rowsOf.placeRows(rowsOf.noRows(page.total, asked.fields), first, page.rows, page.total);
}

type Change = (make: (rows: rowsOf.Rows) => rowsOf.Rows) => void;
type Key = ReturnType<typeof tableKey>;

function useReading(
  asked: TableRequest,
  key: Key,
  seen: React.RefObject<Range>,
  change: Change,
  waiting: number,
) {
  const queries = useQueryClient();
  const reading = useRef(new Map<number, Promise<void>>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another table begins anew
  useEffect(() => {
    reading.current = new Map();
    return () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, [key]);

  const readStretch = useCallback(
    (offset: number) => {
      const under = reading.current;
      const known = under.get(offset);
      if (known) return known;
      const promise = readTable(asked, { offset: offset + waiting, limit: rowsOf.WINDOW })
        .then((page) => change((rows) => rowsOf.placeRows(rows, offset, page.rows, page.total - waiting)))
        // The rows stay grey and are asked for again when they are next seen; the page says if the server is gone.
        .catch(() => undefined)
        .finally(() => under.delete(offset));
      under.set(offset, promise);
      return promise;
    },
    [asked, change, waiting],
  );

  const read = useCallback(
    async (from: number, to: number) => {
      const rows = queries.getQueryData<rowsOf.Rows>(key);
      if (rows) await Promise.all(rowsOf.missingOffsets(rows, from, to).map(readStretch));
      return queries.getQueryData<rowsOf.Rows>(key);
    },
    [queries, key, readStretch],
  );

  const see = useCallback(
    (from: number, to: number) => {
      seen.current = { from, to };
      const schedule = (before: number) => {
        timer.current = setTimeout(() => {
          const now = seen.current;
          if (Math.abs(now.from - before) > MOST_READABLE) return schedule(now.from);
          timer.current = null;
          void read(now.from, now.to + rowsOf.WINDOW / 2);
        }, SCROLL_MS);
      };
      if (timer.current === null) schedule(from);
    },
    [read, seen],
  );
  return { see, read };
}

function useNews(
  asked: TableRequest,
  key: Key,
  seen: React.RefObject<Range>,
  change: Change,
  mayInsert: () => boolean,
) {
  const queries = useQueryClient();
  const [arrived, setArrived] = useState<ReadonlyMap<string, rowsOf.Run>>(new Map());
  const [isOrderOld, setOrderOld] = useState(false);
  const told = useRef(new Set<string>());
  const started = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const isNewest = isNewestFirst(asked.sort);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another table begins anew
  useEffect(() => {
    told.current = new Set();
    started.current = new Set();
    setArrived(new Map());
    setOrderOld(false);
    return () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, [key]);

  const insert = useCallback(
    (runs: Iterable<rowsOf.Run>) => {
      change((rows) => rowsOf.insertNewest(rows, [...runs]));
      setArrived(new Map());
    },
    [change],
  );

  const refresh = useCallback(async () => {
    const rows = queries.getQueryData<rowsOf.Rows>(key);
    if (!rows) return;
    const { ids, known } = pickTold(rows, told.current, seen.current);
    if (ids.length === 0) return;
    for (const id of ids) told.current.delete(id);
    const runs = await readRuns(asked, ids).catch(() => null);
    if (runs === null) return;
    const there = new Set(runs.map((run) => run.run_id));
    const gone = new Set(ids.filter((id) => known.has(id) && !there.has(id)));
    const [old, unknown] = partition(runs, (run) => known.has(run.run_id));
    change((now) => {
      const kept = gone.size > 0 ? rowsOf.removeRuns(now, gone) : now;
      return old.length > 0 ? rowsOf.replaceRuns(kept, old) : kept;
    });
    if (!isNewest && old.length > 0) setOrderOld(true);
    const fresh = unknown.filter((run) =>
      isNewest ? rowsOf.isNewToNewest(rows, run) : started.current.has(run.run_id) || rowsOf.isWhole(rows),
    );
    if (fresh.length === 0) return;
    if (isNewest && mayInsert()) insert(fresh);
    else setArrived((before) => new Map([...before, ...fresh.map((run) => [run.run_id, run] as const)]));
  }, [asked, queries, key, seen, change, insert, isNewest, mayInsert]);

  const schedule = useCallback(() => {
    timer.current ??= setTimeout(async () => {
      await refresh();
      timer.current = null;
    }, REFRESH_MS);
  }, [refresh]);
  // What changed out of sight is read when it comes into sight.
  const recheck = useCallback(() => {
    if (told.current.size > 0) schedule();
  }, [schedule]);

  useLive((event: LiveEvent) => {
    if (event.kind === "reset") return;
    const about = event.kind === "points" ? event.points : event.run;
    // A run that changed may have left the project; one that only goes on has not.
    if (event.kind === "points" && asked.project !== null && about.project_id !== asked.project) return;
    if (event.kind === "started") started.current.add(about.run_id);
    if (event.kind !== "points" && event.run.deleted_at !== null) {
      const gone = new Set([about.run_id]);
      change((rows) => rowsOf.removeRuns(rows, gone));
      setArrived((before) => new Map([...before].filter(([id]) => id !== about.run_id)));
      return;
    }
    told.current.add(about.run_id);
    // A row says how many runs are nested in its own.
    if (event.kind !== "points" && event.run.parent_id !== null) told.current.add(event.run.parent_id);
    schedule();
  });

  const takeIn = useCallback(() => {
    if (isNewest) return insert(arrived.values());
    setArrived(new Map());
    setOrderOld(false);
    void queries.invalidateQueries({ queryKey: key });
  }, [isNewest, insert, arrived, queries, key]);

  return { arrived, isOrderOld, takeIn, recheck };
}

/** Of the runs that were told of: those in sight, and those in no row; the others can wait. */
function pickTold(rows: rowsOf.Rows, told: ReadonlySet<string>, seen: Range) {
  const known = new Set(rows.list.flatMap((row) => (row ? [row.run.run_id] : [])));
  const inSight = new Set(
    rows.list.slice(seen.from, seen.to).flatMap((row) => (row ? [row.run.run_id] : [])),
  );
  const ids = [...told].filter((id) => inSight.has(id) || !known.has(id)).slice(0, MAX_RUN_IDS);
  return { ids, known };
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
