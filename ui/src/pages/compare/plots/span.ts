/** The axis that marks share: from the least to the greatest of their values. Pure. */

/** The span of the finite values; one value alone gets some room around it, none the span 0 to 1. */
export function spanOf(values: readonly (number | null | undefined)[]): [number, number] {
  const finite = values.filter((value): value is number => Number.isFinite(value));
  if (finite.length === 0) return [0, 1];
  const [low, high] = finite.reduce(
    ([least, most], value): [number, number] => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (low < high) return [low, high];
  const room = Math.abs(low) / 10 || 1;
  return [low - room, high + room];
}

/** Round values of an axis, `wanted` or about as many, within the span. */
export function ticksOf([from, to]: readonly [number, number], wanted = 5): number[] {
  const raw = (to - from) / Math.max(wanted, 1);
  if (!Number.isFinite(raw) || raw <= 0) return [from];
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= raw * 0.999) ?? raw;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  const digits = Math.max(0, Math.min(20, -Math.floor(Math.log10(step))));
  return Array.from({ length: Math.min(count, 50) }, (_, at) =>
    digits === 20 ? (first + at) * step : Number(((first + at) * step).toFixed(digits)),
  );
}
