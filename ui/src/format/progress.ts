/** How far a run is: said only where a param says where it ends. */

import { formatCount } from "./number";
import { formatDuration } from "./time";

/** Params that name the last step, the finest first: several may be there, and steps count the finest. */
export const TOTAL_PARAMS = [
  "total_steps",
  "max_steps",
  "n_steps",
  "num_steps",
  "n_epochs",
  "epochs",
  "num_epochs",
  "num_train_epochs",
] as const;

export interface RunProgress {
  step: number;
  total: number;
  /** The param that says so. */
  by: string;
  /** From 0 to 1. */
  fraction: number;
  /** At the pace so far; `null` before the first step is done. */
  secondsLeft: number | null;
}

/**
 * The progress of a run whose metrics have reached `step`; `null` where nothing says where it ends.
 *
 * A step beyond the total means that the param counts something else, so nothing is said.
 */
export function progressOf(
  params: Readonly<Record<string, unknown>>,
  step: number | null | undefined,
  elapsedSeconds: number | null | undefined,
): RunProgress | null {
  if (step === null || step === undefined || step < 0) return null;
  const by = TOTAL_PARAMS.find((name) => isTotal(Object.hasOwn(params, name) ? params[name] : undefined));
  if (by === undefined) return null;
  const total = params[by] as number;
  if (step > total) return null;
  const canTell = step > 0 && elapsedSeconds !== null && elapsedSeconds !== undefined && elapsedSeconds > 0;
  const secondsLeft = canTell ? (elapsedSeconds / step) * (total - step) : null;
  return { step, total, by, fraction: step / total, secondsLeft };
}

/** `step 40 of 100, by n_epochs`. */
export function sayProgress({ step, total, by }: RunProgress): string {
  return `step ${formatCount(step)} of ${formatCount(total)}, by ${by}`;
}

/** `about 41 min left`: no finer than can be known; `null` where nothing can, and at the end. */
export function sayTimeLeft({ secondsLeft, fraction }: RunProgress): string | null {
  if (secondsLeft === null || fraction >= 1) return null;
  const isMinutes = secondsLeft >= 60 && secondsLeft < 3600;
  const rough = isMinutes ? Math.round(secondsLeft / 60) * 60 : Math.max(Math.round(secondsLeft), 1);
  return `about ${rough < 10 ? `${rough} s` : formatDuration(rough)} left`;
}

/** Libraries write −1 for "no limit", so only a positive number is a total. */
function isTotal(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}
