import { formatDuration } from "~/format/time";
import { useNow } from "~/state/useNow";

/** Seconds that a run took, or has taken so far. */
export function secondsOf(
  run: { status: string; timestamp: string | null; duration_s: number | null },
  now: number,
): number | null {
  if (run.duration_s !== null && run.status !== "running") return run.duration_s;
  if (run.status !== "running" || run.timestamp === null) return null;
  // The clock of the machine that trains may be ahead of this one.
  return Math.max((now - Date.parse(run.timestamp)) / 1000, 0);
}

/** How long a run took; ticks while it runs. */
export function Elapsed({
  run,
}: {
  run: { status: string; timestamp: string | null; duration_s: number | null };
}) {
  const seconds = secondsOf(run, useNow(run.status === "running"));
  if (seconds === null) return null;
  return <>{formatDuration(run.status === "running" ? Math.floor(seconds) : seconds)}</>;
}
