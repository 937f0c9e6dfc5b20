/** Where the points of a radar lie. Pure. */

export interface Point {
  x: number;
  y: number;
}

/** The place of `position` (0 in the centre, 1 outside) on axis `at` of `count`; the first axis points up. */
export function placeOn(at: number, count: number, position: number, radius: number): Point {
  const angle = (2 * Math.PI * at) / count - Math.PI / 2;
  return { x: Math.cos(angle) * position * radius, y: Math.sin(angle) * position * radius };
}

/** A closed line through the points, as a path of SVG. */
export function closePath(points: readonly Point[]): string {
  return `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`;
}
