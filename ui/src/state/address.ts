/**
 * The address holds the state of what is shown, so that a link shows the same to somebody else.
 *
 * Values are texts under short names in the query of the hash; an absent one is the default.
 */

import { useCallback, useEffect, useMemo, useRef } from "react";
import { type Location, useLocation, useSearchParams } from "react-router";

type Change = (params: URLSearchParams) => void;
interface How {
  push?: boolean;
}

/**
 * What was asked for and is not shown yet. The router gives every change of one instant the address that is
 * shown, so that the last would undo the others: each must bring those before it.
 */
let asked: { after: Location; params: URLSearchParams; isPushed: boolean } | null = null;

/** Changes the address as it is then, whoever else changes it in the same instant. */
function useChange(): (change: Change, how?: How) => void {
  const shown = useLocation();
  const [params, setParams] = useSearchParams();
  // Who holds on to an older function changes what is shown now, not what was shown then.
  const now = useRef({ shown, params, setParams });
  useEffect(() => {
    now.current = { shown, params, setParams };
  });
  return useCallback((change, how) => {
    const { shown, params, setParams } = now.current;
    const before = asked?.after === shown ? asked : null;
    const next = new URLSearchParams(before?.params ?? params);
    change(next);
    // One step of the history for all of them.
    const isPushed = before?.isPushed === true;
    asked = { after: shown, params: next, isPushed: isPushed || how?.push === true };
    setParams(next, { replace: isPushed || !how?.push });
  }, []);
}

function assign(params: URLSearchParams, name: string, values: readonly string[]): void {
  const [first, ...others] = values;
  if (first === undefined) params.delete(name);
  else params.set(name, first); // where it was, so that a link changes no more than it must
  for (const other of others) params.append(name, other);
}

/** A value of the address under `name`, and a way to set it; `null` or the default removes it. */
export function useAddress(name: string, fallback = ""): [string, (value: string | null, how?: How) => void] {
  const [params] = useSearchParams();
  const change = useChange();
  const set = useCallback(
    (next: string | null, how?: How) =>
      change((params) => assign(params, name, next === null || next === fallback ? [] : [next]), how),
    [name, fallback, change],
  );
  return [params.get(name) ?? fallback, set];
}

/** The same for a list; items may hold any text. */
export function useAddressList(name: string): [string[], (value: readonly string[]) => void] {
  const [params] = useSearchParams();
  const joined = params.getAll(name).join("\n");
  const value = useMemo(() => (joined === "" ? [] : joined.split("\n")), [joined]);
  const change = useChange();
  const set = useCallback(
    (next: readonly string[]) => change((params) => assign(params, name, next)),
    [name, change],
  );
  return [value, set];
}

/** Several values of the address at once, in one step of the history. */
export function useSetAddress(): (
  changes: Readonly<Record<string, string | readonly string[] | null>>,
  how?: How,
) => void {
  const change = useChange();
  return useCallback(
    (changes, how) =>
      change((params) => {
        for (const [name, value] of Object.entries(changes))
          assign(params, name, value === null ? [] : typeof value === "string" ? [value] : value);
      }, how),
    [change],
  );
}

/** The project that is looked at, or `null` for all of them. */
export function useProject(): string | null {
  const [params] = useSearchParams();
  return params.get("project");
}

/** Makes addresses of pages that keep to the project: `link("/runs", { q: "…" })`. */
export function useLink(): (
  path: string,
  query?: Readonly<Record<string, string | readonly string[]>>,
) => string {
  const project = useProject();
  return useCallback((path, query = {}) => makeLink(path, project, query), [project]);
}

/** An address of a page, with a project and a query. */
export function makeLink(
  path: string,
  project: string | null,
  query: Readonly<Record<string, string | readonly string[]>> = {},
): string {
  const params = new URLSearchParams();
  if (project !== null) params.set("project", project);
  for (const [name, value] of Object.entries(query))
    for (const item of typeof value === "string" ? [value] : value) params.append(name, item);
  const text = params.toString();
  return text === "" ? path : `${path}?${text}`;
}
