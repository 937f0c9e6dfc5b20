/** A chart as an SVG document: the same lines, scales and words as on the screen. PNG is made from it. */

import { lowerBound } from "./align";
import { type DrawnSeries, findExtent, findSpan, noteWhatIsLeftOut } from "./drawn";
import type { Palette } from "./palette";
import { labelTicks, labelXTicks, makeTicks, makeXTicks, padRange } from "./ticks";
import type { ChartMarker, ChartRange, XKind } from "./types";

export interface SvgOptions {
  title: string;
  xKind: XKind;
  xLabel: string;
  xLog: boolean;
  yLog: boolean;
  range: ChartRange | null;
  width: number;
  height: number;
  palette: Palette;
  markers?: readonly ChartMarker[];
}

type Scale = (value: number) => number;
interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: Scale;
  y: Scale;
  range: ChartRange;
}

const LINE = 16;
const CHARACTER = 6.6;

/** Lines that are hidden are not among `drawn`. */
export function writeSvg(drawn: readonly DrawnSeries[], options: SvgOptions): string {
  const { width, height, palette, title } = options;
  const legend = placeLegend(drawn, width);
  const notes = noteWhatIsLeftOut(drawn, options.range);
  const total = height + 34 + legend.height + notes.length * LINE + 8;
  const range = options.range ?? findSpan(drawn) ?? [0, 1];
  const shown: ChartRange = range[0] < range[1] ? range : padRange(range[0], range[1], options.xLog);
  const extent = findExtent(drawn, shown);
  const [low, high] = padRange(extent?.[0] ?? Number.NaN, extent?.[1] ?? Number.NaN, options.yLog);
  const box = { left: 64, right: width - 16, top: 34, bottom: 34 + height - 44 };
  const plot: Plot = {
    ...box,
    range: shown,
    x: makeScale(shown[0], shown[1], box.left, box.right, options.xLog),
    y: makeScale(low, high, box.bottom, box.top, options.yLog),
  };
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" font-family="${encode(palette.font)}" font-size="12">`,
    `<title>${encode(title)}</title>`,
    `<rect width="100%" height="100%" fill="${palette.surface}"/>`,
    text(12, 21, title, { fill: palette.text, size: 14, weight: 600 }),
    ...writeAxes(plot, low, high, options),
    `<clipPath id="plot"><rect x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}"/></clipPath>`,
    `<g clip-path="url(#plot)" fill="none" stroke-linejoin="round">`,
    ...drawn.flatMap((one) => writeBands(one, plot)),
    ...drawn.flatMap((one) => writeLines(one, plot)),
    "</g>",
    ...drawn.flatMap((one) => writeMarks(one, plot, palette)),
    ...(options.markers ?? []).flatMap((marker) => writeMarker(marker, plot, palette)),
    `<g transform="translate(0 ${34 + height + 10})">`,
    ...legend.items.map(({ one, x, y, label }) => writeLegendItem(one, x, y, label, palette)),
    "</g>",
    ...notes.map((note, at) =>
      text(12, 34 + height + legend.height + 14 + at * LINE, note, { fill: palette.dimmed, size: 11 }),
    ),
    "</svg>",
  ];
  return parts.join("\n");
}

function makeScale(low: number, high: number, from: number, to: number, isLog: boolean): Scale {
  const [a, b] = isLog ? [Math.log10(low), Math.log10(high)] : [low, high];
  const span = b - a || 1;
  return (value) => from + (((isLog ? Math.log10(value) : value) - a) / span) * (to - from);
}

function writeAxes(plot: Plot, low: number, high: number, options: SvgOptions): string[] {
  const { palette, xKind, xLog, yLog, xLabel } = options;
  const yTicks = makeTicks(low, high, Math.max(2, (plot.bottom - plot.top) / 40), yLog);
  const [from, to] = plot.range;
  const xTicks = makeXTicks(xKind, from, to, Math.max(2, (plot.right - plot.left) / 90), xLog);
  const xTexts = labelXTicks(xKind, xTicks);
  const yTexts = labelTicks(yTicks);
  return [
    `<g stroke="${palette.grid}">`,
    ...yTicks.map((tick) => `<path d="M${plot.left} ${at(plot.y(tick))}H${plot.right}"/>`),
    ...xTicks.map((tick) => `<path d="M${at(plot.x(tick))} ${plot.top}V${plot.bottom}"/>`),
    "</g>",
    ...yTicks.map((tick, i) =>
      text(plot.left - 8, plot.y(tick) + 4, yTexts[i] ?? "", { fill: palette.axis, anchor: "end" }),
    ),
    ...xTicks.flatMap((tick, i) =>
      (xTexts[i] ?? "")
        .split("\n")
        .map((line, row) =>
          text(plot.x(tick), plot.bottom + 16 + row * 13, line, { fill: palette.axis, anchor: "middle" }),
        ),
    ),
    text(plot.right, plot.bottom + 38, xLabel, { fill: palette.axis, anchor: "end" }),
  ];
}

function writeBands({ series, x, band, extremes }: DrawnSeries, plot: Plot): string[] {
  return [
    [extremes, 0.08],
    [band, 0.18],
  ].flatMap(([edges, opacity]) => {
    if (edges === null || typeof edges !== "object") return [];
    return whole(x, edges.low, edges.high).map(([from, to]) => {
      let path = "";
      for (let i = from; i < to; i++)
        path += `${i === from ? "M" : "L"}${at(plot.x(x[i] as number))} ${at(plot.y(edges.high[i] as number))}`;
      for (let i = to - 1; i >= from; i--)
        path += `L${at(plot.x(x[i] as number))} ${at(plot.y(edges.low[i] as number))}`;
      return `<path d="${path}Z" fill="${series.color}" fill-opacity="${opacity}"/>`;
    });
  });
}

/** Stretches without a gap. */
function whole(x: Float64Array, low: Float64Array, high: Float64Array): [from: number, to: number][] {
  const stretches: [number, number][] = [];
  let from = -1;
  for (let i = 0; i <= x.length; i++) {
    const isThere = i < x.length && Number.isFinite(low[i] as number) && Number.isFinite(high[i] as number);
    if (isThere && from < 0) from = i;
    if (!isThere && from >= 0) {
      stretches.push([from, i]);
      from = -1;
    }
  }
  return stretches;
}

function writeLines({ series, x, y, raw }: DrawnSeries, plot: Plot): string[] {
  const dash = series.dash.length > 0 ? ` stroke-dasharray="${series.dash.join(" ")}"` : "";
  const line = (values: Float64Array, style: string) => {
    const { path, lonely } = trace(x, values, plot);
    const dots = lonely.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${series.color}"/>`);
    return [`<path d="${path}" stroke="${series.color}" ${style}/>`, ...dots];
  };
  return [
    ...(raw === null ? [] : line(raw, 'stroke-width="1" stroke-opacity="0.3"')),
    ...line(y, `stroke-width="1.5"${dash}`),
  ];
}

function trace(x: Float64Array, y: Float64Array, plot: Plot): { path: string; lonely: string[][] } {
  // One point beyond each end, so that lines run to the edge.
  const first = Math.max(lowerBound(x, plot.range[0]) - 1, 0);
  const lonely: string[][] = [];
  let path = "";
  const isAt = (i: number) => i >= 0 && i < x.length && Number.isFinite(y[i] as number);
  for (let i = first; i < x.length; i++) {
    if (!isAt(i)) continue;
    const place = [at(plot.x(x[i] as number)), at(plot.y(y[i] as number))];
    if (i > first && isAt(i - 1)) path += `L${place.join(" ")}`;
    else if (isAt(i + 1)) path += `M${place.join(" ")}`;
    else lonely.push(place);
    if ((x[i] as number) > plot.range[1]) break;
  }
  return { path, lonely };
}

function writeMarks(
  { series, x, y, raw, nonfinite, outliers }: DrawnSeries,
  plot: Plot,
  palette: Palette,
): string[] {
  const isShown = (place: number) => place >= plot.range[0] && place <= plot.range[1];
  const values = raw ?? y;
  return [
    ...nonfinite
      .filter((mark) => isShown(mark.x))
      .map((mark) => {
        const [cx, edge] = [plot.x(mark.x), mark.kind === "inf" ? plot.top : plot.bottom];
        const tip = mark.kind === "inf" ? 7 : -7;
        return `<path d="M${at(cx - 4)} ${edge}L${at(cx + 4)} ${edge}L${at(cx)} ${edge + tip}Z" fill="${mark.kind === "NaN" ? palette.warn : palette.worse}" stroke="${series.color}"><title>${encode(`${mark.kind} in ${series.label}`)}</title></path>`;
      }),
    ...outliers
      .filter((i) => isShown(x[i] as number) && Number.isFinite(values[i] as number))
      .map(
        (i) =>
          `<circle cx="${at(plot.x(x[i] as number))}" cy="${at(plot.y(values[i] as number))}" r="5" fill="none" stroke="${palette.warn}" stroke-width="1.5"/>`,
      ),
  ];
}

function writeMarker({ x, label, color }: ChartMarker, plot: Plot, palette: Palette): string[] {
  if (x < plot.range[0] || x > plot.range[1]) return [];
  const place = at(plot.x(x));
  return [
    `<path d="M${place} ${plot.top}V${plot.bottom}" stroke="${color ?? palette.axis}" stroke-dasharray="3 3"/>`,
    text(plot.x(x) + 4, plot.top + 12, label, { fill: color ?? palette.axis, size: 11 }),
  ];
}

const SWATCH = 26;

function placeLegend(drawn: readonly DrawnSeries[], width: number) {
  let [x, y] = [12, 0];
  const items = drawn.map((one) => {
    const label = clip(one.series.label, 60);
    const size = SWATCH + label.length * CHARACTER + 16;
    if (x > 12 && x + size > width) [x, y] = [12, y + LINE];
    const item = { one, x, y, label };
    x += size;
    return item;
  });
  return { items, height: items.length === 0 ? 0 : y + LINE + 8 };
}

function writeLegendItem(
  { series }: DrawnSeries,
  x: number,
  y: number,
  label: string,
  palette: Palette,
): string {
  const dash = series.dash.length > 0 ? ` stroke-dasharray="${series.dash.map((d) => d / 2).join(" ")}"` : "";
  return `<path d="M${x} ${y + 8}h20" stroke="${series.color}" stroke-width="2.5"${dash}/>${text(x + SWATCH, y + 12, label, { fill: palette.text })}`;
}

function clip(label: string, length: number): string {
  const characters = [...label];
  return characters.length <= length ? label : `${characters.slice(0, length - 1).join("")}…`;
}

interface TextStyle {
  fill: string;
  size?: number;
  weight?: number;
  anchor?: "middle" | "end";
}

function text(x: number, y: number, content: string, { fill, size, weight, anchor }: TextStyle): string {
  const style = [
    size === undefined ? "" : ` font-size="${size}"`,
    weight === undefined ? "" : ` font-weight="${weight}"`,
    anchor === undefined ? "" : ` text-anchor="${anchor}"`,
  ].join("");
  return `<text x="${at(x)}" y="${at(y)}" fill="${fill}"${style}>${encode(content)}</text>`;
}

function at(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}

/** As XML has it; characters that XML has no place for are left out. */
function encode(content: string): string {
  return content
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
