import { formatAgo, formatDuration } from "~/format/time";
import { secondsSince, useTicking } from "~/state/clock";

/** How long it is since a moment, second by second. */
export function Elapsed({ since }: { since: string }) {
  return useTicking((now) => formatDuration(Math.floor(secondsSince(since, now))));
}

/** When something was, as it is said now: `just now`, a minute later `1 min ago`. */
export function Ago({ at }: { at: string }) {
  return useTicking((now) => formatAgo(at, now));
}
