/** How fast something arrives, from the last seconds of it. */

export interface Sample {
  at: number;
  bytes: number;
}

const WINDOW_MS = 3000;

/** The samples that still tell the present speed, with a new one. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const since = sample.at - WINDOW_MS;
  const recent = samples.filter(({ at }) => at >= since);
  return [...(recent.length > 0 ? recent : samples.slice(-1)), sample];
}

/** Bytes per second; `null` before two moments are known. */
export function speedOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples[samples.length - 1]];
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
}

/** Seconds until all is there; `null` while nothing moves. */
export function secondsLeft(samples: readonly Sample[], total: number): number | null {
  const speed = speedOf(samples);
  const sent = samples[samples.length - 1]?.bytes ?? 0;
  return speed === null || speed <= 0 ? null : (total - sent) / speed;
}
