/** An SVG of the page as a file: a picture that looks the same where the page's colours are not known. */

import { downloadUrl, fileNameOf } from "~/charts/download";

const VARIABLE = /var\((--[\w-]+)\)/g;

/** The SVG as a document of its own, with colours in the place of variables and the size that it has here. */
export function writePicture(svg: SVGSVGElement): { text: string; width: number; height: number } {
  const { width, height } = svg.getBoundingClientRect();
  const style = getComputedStyle(svg);
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", `${width}`);
  copy.setAttribute("height", `${height}`);
  copy.setAttribute("font-family", style.fontFamily);
  copy.setAttribute("font-size", style.fontSize);
  copy.removeAttribute("style");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const box = svg.viewBox.baseVal;
  const hasBox = box !== null && box.width > 0;
  ground.setAttribute("x", `${hasBox ? box.x : 0}`);
  ground.setAttribute("y", `${hasBox ? box.y : 0}`);
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", "var(--ml-surface)");
  copy.prepend(ground);
  const text = new XMLSerializer()
    .serializeToString(copy)
    .replace(VARIABLE, (_, name: string) => style.getPropertyValue(name).trim() || "currentColor");
  return { text, width, height };
}

/** Save the SVG, as it is or drawn at twice its size. */
export async function savePicture(svg: SVGSVGElement, name: string, kind: "svg" | "png"): Promise<void> {
  const { text, width, height } = writePicture(svg);
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  if (kind === "svg") return downloadUrl(address, fileNameOf(name, "svg"));
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(2 * width);
  canvas.height = Math.ceil(2 * height);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  downloadUrl(canvas.toDataURL("image/png"), fileNameOf(name, "png"));
}
