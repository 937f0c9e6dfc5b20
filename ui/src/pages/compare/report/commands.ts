/** How to get the same comparison again: on the command line, in Python and over HTTP. Pure. */

import type { Asked } from "../queries";

function quoteShell(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command that prints the same verdicts. */
export function writeCommand({ runIds, baseline, metric, split, minEffect }: Asked): string {
  const options = [
    ...(baseline === null ? [] : ["--baseline", baseline]),
    ...(metric === null ? [] : ["--metric", metric]),
    ...(split === "test" ? [] : ["--split", split]),
    ...(minEffect === null ? [] : ["--min-effect", String(minEffect)]),
    "--slices",
  ];
  return ["modellab compare", ...[...runIds, ...options].map(quoteShell)].join(" ");
}

/** The commands that repeat each run from what was recorded of it. */
export function writeRepeats(runIds: readonly string[]): string {
  return runIds
    .flatMap((id) => [`modellab repro pack ${id} -o ${id}.zip`, `modellab repro run ${id}.zip`])
    .join("\n");
}

/** The body of the request that answers the same. */
export function writeRequest({ runIds, baseline, metric, split, minEffect }: Asked): string {
  const body = { run_ids: runIds, baseline, metric, split, min_effect: minEffect, slices: true };
  return `POST /api/modellab/compare\n${JSON.stringify(body, null, 2)}`;
}
