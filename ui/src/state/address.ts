/**
 * The address holds the state of what is shown, so that a link shows the same to somebody else.
 *
 * Values are texts under short names in the query of the hash; an absent one is the default.
 */

import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** A value of the address under `name`, and a way to set it; `null` or the default removes it. */
export function useAddress(
  name: string,
  fallback = "",
): [string, (value: string | null, how?: { push?: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const value = params.get(name) ?? fallback;
  const set = useCallback(
    (next: string | null, how?: { push?: boolean }) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (next === null || next === fallback) after.delete(name);
          else after.set(name, next);
          return after;
        },
        { replace: !how?.push },
      ),
    [name, fallback, setParams],
  );
  return [value, set];
}

/** The same for a list; items may hold any text. */
export function useAddressList(name: string): [string[], (value: readonly string[]) => void] {
  const [params, setParams] = useSearchParams();
  const joined = params.getAll(name).join("\n");
  const value = useMemo(() => (joined === "" ? [] : joined.split("\n")), [joined]);
  const set = useCallback(
    (next: readonly string[]) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          after.delete(name);
          for (const item of next) after.append(name, item);
          return after;
        },
        { replace: true },
      ),
    [name, setParams],
  );
  return [value, set];
}

/** Several values of the address at once, in one step of the history. */
export function useSetAddress(): (
  change: Readonly<Record<string, string | readonly string[] | null>>,
  how?: { push?: boolean },
) => void {
  const [, setParams] = useSearchParams();
  return useCallback(
    (change, how) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(change)) {
            after.delete(name);
            for (const item of value === null ? [] : typeof value === "string" ? [value] : value)
              after.append(name, item);
          }
          return after;
        },
        { replace: !how?.push },
      ),
    [setParams],
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
