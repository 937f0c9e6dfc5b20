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
