/** Files a person has chosen to upload: what they will be called, and which cannot be taken. */

import { formatBytes } from "~/format/number";

export interface Chosen {
  file: File;
  name: string;
}

/** Without the ending: `iris.csv` → `iris`, as the server names it. */
export function nameFor(filename: string): string {
  const name = filename.replace(/(?<=.)\.[^.]*$/, "");
  return name.slice(0, 250);
}

/** Why a file cannot be sent; `null` if it can. */
export function refusalOf(file: { size: number }, maxBytes: number | null): string | null {
  if (file.size === 0) return "This file is empty. A dataset needs at least a line with the columns' names.";
  if (maxBytes !== null && file.size > maxBytes)
    return `${formatBytes(file.size)} is too large: this server takes files of at most ${formatBytes(maxBytes)}.`;
  return null;
}
