/** What hands do to a plot: drag is uPlot's own; here are moving, the wheel, fingers and keys. */

import type uPlot from "uplot";
import type { ChartRange } from "./types";
import { panRange, zoomRange } from "./zoom";

export interface GestureTarget {
  /** What is shown, and all that there is. */
  range: () => ChartRange;
  span: () => ChartRange | null;
  isLog: () => boolean;
  /** Show another part; `null` for all. */
  show: (range: ChartRange | null) => void;
}

const ZOOM_STEP = 0.7;

/** Listen on a plot; the function returned ends it. */
export function bindGestures(plot: uPlot, target: GestureTarget): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const { over } = plot;
  const zoom = (factor: number, center: number) => {
    const span = target.span();
    if (span !== null) target.show(zoomRange(target.range(), span, factor, center, target.isLog()));
  };
  over.addEventListener(
    "mousedown",
    (event) => {
      if (event.button !== 0 || !event.shiftKey) return;
      event.stopImmediatePropagation(); // uPlot would begin a selection
      event.preventDefault();
      followPan(event, over, target);
    },
    { capture: true, signal },
  );
  over.addEventListener(
    "dblclick",
    (event) => {
      event.stopImmediatePropagation();
      target.show(null);
    },
    { capture: true, signal },
  );
  over.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return; // the wheel alone scrolls the page
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1 / ZOOM_STEP : ZOOM_STEP, plot.posToVal(event.offsetX, "x"));
    },
    { passive: false, signal },
  );
  bindTouch(plot, target, signal);
  return () => ending.abort();
}

/** What a key does, if it does anything. */
export function pressKey(key: string, target: GestureTarget): boolean {
  const span = target.span();
  const isLog = target.isLog();
  if (span === null) return false;
  const range = target.range();
  const middle = isLog ? Math.sqrt(range[0]) * Math.sqrt(range[1]) : range[0] / 2 + range[1] / 2;
  if (key === "+" || key === "=") target.show(zoomRange(range, span, ZOOM_STEP, middle, isLog));
  else if (key === "-" || key === "−") target.show(zoomRange(range, span, 1 / ZOOM_STEP, middle, isLog));
  else if (key === "0") target.show(null);
  else if (key === "ArrowLeft" || key === "ArrowRight") {
    const moved = panRange(range, span, key === "ArrowLeft" ? -0.2 : 0.2, isLog);
    if (moved[0] !== range[0]) target.show(moved);
  } else return false;
  return true;
}

function followPan(start: MouseEvent, over: HTMLElement, target: GestureTarget): void {
  const ending = new AbortController();
  const [range, span] = [target.range(), target.span()];
  const width = over.clientWidth;
  if (span === null) return;
  over.style.cursor = "grabbing";
  const onMove = (event: MouseEvent) =>
    target.show(panRange(range, span, (start.clientX - event.clientX) / width, target.isLog()));
  const onUp = () => {
    over.style.cursor = "";
    ending.abort();
  };
  document.addEventListener("mousemove", onMove, { signal: ending.signal });
  document.addEventListener("mouseup", onUp, { signal: ending.signal });
}

/** One finger reads values, two zoom and move; up and down scrolls the page (`touch-action: pan-y`). */
function bindTouch(plot: uPlot, target: GestureTarget, signal: AbortSignal): void {
  const { over } = plot;
  let start: { range: ChartRange; left: number; right: number } | null = null;
  const places = (event: TouchEvent) => {
    const { left } = over.getBoundingClientRect();
    return [...event.touches].map((touch) => touch.clientX - left).sort((a, b) => a - b);
  };
  const read = (event: TouchEvent) => {
    const { top } = over.getBoundingClientRect();
    const [left = 0] = places(event);
    plot.setCursor({ left, top: (event.touches[0]?.clientY ?? top) - top });
  };
  const begin = (event: TouchEvent) => {
    const [left = 0, right = 0] = places(event);
    start = event.touches.length === 2 ? { range: target.range(), left, right } : null;
    if (event.touches.length === 1) read(event);
  };
  const move = (event: TouchEvent) => {
    const span = target.span();
    if (event.touches.length === 1) read(event);
    if (start === null || event.touches.length !== 2 || span === null) return;
    event.preventDefault();
    const [left = 0, right = 0] = places(event);
    const factor = (start.right - start.left) / Math.max(right - left, 10);
    const width = over.clientWidth;
    const isLog = target.isLog();
    const [from, to] = isLog ? start.range.map(Math.log10) : start.range;
    const at = (px: number) => {
      const value = (from as number) + (px / width) * ((to as number) - (from as number));
      return isLog ? 10 ** value : value;
    };
    const center = at((start.left + start.right) / 2);
    const zoomed = zoomRange(start.range, span, factor, center, isLog) ?? span;
    const moved = panRange(zoomed, span, (start.left + start.right - left - right) / 2 / width, isLog);
    target.show(moved[0] <= span[0] && moved[1] >= span[1] ? null : moved);
  };
  over.addEventListener("touchstart", begin, { passive: true, signal });
  over.addEventListener("touchmove", move, { passive: false, signal });
}
