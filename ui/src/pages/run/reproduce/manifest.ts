/** A pack's manifest in words: what there is, what is missing, and how to repeat the run. */

import { countOf, formatBytes } from "~/format/number";
import { quoteForShell } from "~/format/shell";
import type { Manifest, PackedData } from "./queries";

export interface PackPart {
  what: string;
  /** What the pack holds of it; `null` if nothing was recorded. */
  found: string | null;
}

/** The parts that a second run needs, and what the pack has of each. */
export function listParts(manifest: Manifest): PackPart[] {
  const { code, datasets, packages, environment } = manifest;
  const packed = datasets.filter(({ path }) => path !== null);
  return [
    { what: "Command", found: manifest.command },
    {
      what: "Commit",
      found:
        manifest.git_hash === null
          ? null
          : [manifest.git_hash.slice(0, 10), manifest.git_branch, manifest.git_remote]
              .filter((part) => part !== null)
              .join(" · "),
    },
    { what: "Uncommitted change", found: describeDiff(manifest) },
    {
      what: "Code",
      found: code.length === 0 ? null : `${countOf(code.length, "file")}, ${formatBytes(sum(code))}`,
    },
    {
      what: "Packages",
      found: packages.length === 0 ? null : `${countOf(packages.length, "package")} at exact versions`,
    },
    { what: "Python", found: manifest.python_version },
    { what: "Seed", found: manifest.seed === null ? null : String(manifest.seed) },
    {
      what: "Data",
      found:
        datasets.length === 0
          ? null
          : `checksums of ${countOf(datasets.length, "dataset")}, bytes of ${packed.length} (${formatBytes(sum(packed))})`,
    },
    {
      what: "Environment variables",
      found: Object.keys(environment).length === 0 ? null : Object.keys(environment).join(", "),
    },
  ];
}

function describeDiff({
  git_hash: hash,
  has_diff: hasDiff,
  is_diff_complete: isComplete,
}: Manifest): string | null {
  if (hasDiff) return isComplete ? "recorded" : "recorded in part";
  return hash === null || !isComplete ? null : "none";
}

function sum(files: readonly { size: number }[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}

/** The commands that repeat the run, for a shell. */
export function listCommands(manifest: Manifest, data: PackedData): string {
  const option = data === "small" ? "" : ` --data ${data}`;
  const missing = manifest.datasets
    .filter(({ path }) => path === null)
    .map(({ filename, name }) => ` --data ${quoteForShell(filename ?? name)}`)
    .join("");
  return [
    `modellab repro pack ${manifest.run_id}${option} -o run.zip`,
    "modellab repro show run.zip",
    `modellab repro run run.zip${missing}`,
  ].join("\n");
}

/** How near a metric of the second run must come: `within 1e-9 of its value`. */
export function describeTolerance(tolerance: number | null): string {
  return tolerance === null ? "shown, not compared" : `within ${tolerance} of its value`;
}
