/** The HTTP API, typed from openapi.json. A call gives the data, or throws a `Problem`. */

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
/** A number as the API writes it: JSON has no word for these three. */
export type ApiNumber = number | "nan" | "inf" | "-inf";

/** What went wrong with a request: said by the server, or that it was not reached. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly hint: string | null = null,
    readonly requestId: string | null = null,
    readonly document: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  /** The server did not answer at all. */
  get isUnreached(): boolean {
    return this.status === 0;
  }
}

/** Where the API lies: beside the page, under whatever prefix that is. */
export const root = new URL(".", document.baseURI).pathname.replace(/\/$/, "");

type Listener = (problem: Problem) => void;
const listeners = new Set<Listener>();

/** Hear of every problem, for what concerns the whole page: a session that ended, a server that is gone. */
export function onProblem(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Let those who follow problems hear of one; for requests that `fetch` cannot make, such as with progress. */
export function tell(problem: Problem): Problem {
  for (const listener of listeners) listener(problem);
  return problem;
}

const LOGIN = "/api/modellab/login";

/** A problem as the answer describes it; also for answers that are no problem document. */
export async function readProblem(response: Response): Promise<Problem> {
  const requestId = response.headers.get("x-request-id");
  // What the server says then is for programs, which send keys.
  if (response.status === 401 && !response.url.endsWith(LOGIN))
    return new Problem(401, "Logged out", "Your session has ended.", "Log in, then try again.", requestId);
  try {
    const found = (await response.json()) as Record<string, unknown>;
    const text = (name: string) => (typeof found[name] === "string" ? (found[name] as string) : null);
    return new Problem(
      response.status,
      text("title") ?? response.statusText,
      text("detail") ?? `The server answered ${response.status}.`,
      text("hint"),
      text("request_id") ?? requestId,
      found,
    );
  } catch {
    return new Problem(
      response.status,
      "Unexpected answer",
      `The server answered ${response.status} without saying why.`,
      null,
      requestId,
    );
  }
}

/** `fetch` to an address under the page, with the headers of a change, throwing a `Problem` unless it is ok. */
export async function request(input: Request | string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(typeof input === "string" ? root + input : input, {
      credentials: "same-origin",
      ...init,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw tell(new Problem(0, "Server not reached", "The ModelLab server does not answer."));
  }
  if (!response.ok) throw tell(await readProblem(response));
  return response;
}

/**
 * Typed calls: `const { data } = await client.GET("/api/modellab/runs/{run_id}", { params: … })`.
 *
 * A call throws unless the server answered 2xx, so `data` is there; `unwrap` says so to the compiler.
 */
export const client = createClient<paths>({
  baseUrl: new URL(root || "/", window.location.origin).href.replace(/\/$/, ""),
  fetch: (input: Request) => request(input),
  querySerializer: { array: { style: "form", explode: true } },
});

/** The data of an answer, which is there because a call that failed has thrown. */
export async function unwrap<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
