/** Charts as files. */

import { writeCsv } from "./csv";
import { downloadBlob, fileNameOf } from "./download";
import type { DrawnSeries } from "./drawn";
import { readPalette, type Scheme } from "./palette";
import { type SvgOptions, writeSvg } from "./svg";
import type { ChartSeries, XKind } from "./types";

const SCALE = 2;
const MAX_PNG_SIDE = 16_384; // browsers draw nothing on a larger canvas

export type Picture = Omit<SvgOptions, "palette">;

export function saveSvg(drawn: readonly DrawnSeries[], picture: Picture, scheme: Scheme): void {
  const svg = writeSvg(drawn, { ...picture, palette: readPalette(scheme) });
  downloadBlob(new Blob([svg], { type: "image/svg+xml" }), fileNameOf(picture.title, "svg"));
}

/** The SVG, drawn twice as large. */
export async function savePng(
  drawn: readonly DrawnSeries[],
  picture: Picture,
  scheme: Scheme,
): Promise<void> {
  const svg = writeSvg(drawn, { ...picture, palette: readPalette(scheme) });
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = Math.min(image.naturalHeight * SCALE, MAX_PNG_SIDE);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, image.naturalHeight * SCALE);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob === null) throw new Error("The browser made no picture of the chart.");
    downloadBlob(blob, fileNameOf(picture.title, "png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

export function saveCsv(series: readonly ChartSeries[], title: string, xKind: XKind, xLabel: string): void {
  // A mark that tells spreadsheets that the texts are UTF-8.
  const parts = ["\ufeff", ...writeCsv(series, xKind, xLabel)];
  downloadBlob(new Blob(parts, { type: "text/csv;charset=utf-8" }), fileNameOf(title, "csv"));
}
