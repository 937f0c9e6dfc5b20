/** The files that are being sent to runs. They outlive the page that began them. */

import type { Schemas } from "~/api/client";
import { makeQueue } from "~/uploads/queue";
import { sendBody } from "~/uploads/send";

type Artifact = Schemas["ArtifactBody"];

export interface ArtifactTarget {
  runId: string;
  path: string;
}

export const uploadQueue = makeQueue<ArtifactTarget, Artifact>((file, { runId, path }, onSent) =>
  sendBody<Artifact>({
    address: `/api/modellab/artifacts/${encodeURIComponent(runId)}?path=${encodeURIComponent(path)}`,
    // Without its own type: the server tells what a file is by its name, not by what a browser thinks.
    body: file.slice(0, file.size, "application/octet-stream"),
    size: file.size,
    onSent,
  }),
);

/** Where a file goes: into a folder of the run, with the folders it was dropped with. */
export function pathFor(folder: string, file: File & { relativePath?: string }): string {
  const dropped = (file.relativePath ?? file.webkitRelativePath ?? "").replace(/^(\.?\/)+/, "");
  const path = dropped === "" ? file.name : dropped;
  return folder === "" ? path : `${folder}/${path}`;
}

/** Those of the paths that there are already. */
export function findReplaced(paths: readonly string[], known: readonly { path: string }[]): string[] {
  const there = new Set(known.map(({ path }) => path));
  return paths.filter((path) => there.has(path));
}
