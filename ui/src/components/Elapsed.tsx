import { formatDuration } from "~/format/time";
import { useNow } from "~/state/useNow";

/** How long it is since a moment, second by second. */
export function Elapsed({ since }: { since: string }) {
  // The clock of the machine that trains may be ahead of this one.
  return <span>{formatDuration(Math.max(Math.floor((useNow() - Date.parse(since)) / 1000), 0))}</span>;
}
