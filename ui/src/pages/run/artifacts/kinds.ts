/** How a file is shown, by its media type and the ending of its name. */

import type { Artifact } from "./queries";
import { nameOf } from "./tree";

export type PreviewKind =
  | "image"
  | "table"
  | "json"
  | "markdown"
  | "text"
  | "audio"
  | "video"
  | "page"
  | "none";

const BY_ENDING: ReadonlyMap<string, PreviewKind> = new Map(
  (
    [
      ["image", "png jpg jpeg gif webp bmp avif"],
      // Their scripts run only where they can reach nothing.
      ["page", "html htm xhtml svg"],
      ["table", "csv tsv parquet jsonl ndjson"],
      ["json", "json ipynb geojson"],
      ["markdown", "md markdown"],
      ["audio", "mp3 wav ogg oga flac m4a aac"],
      ["video", "mp4 webm m4v"],
      [
        "text",
        "txt log py pyi pyx r jl c h cc cpp hpp cu rs go java kt js mjs jsx ts tsx css sql sh bash zsh ps1 bat yaml yml toml ini cfg conf env xml tex rst diff patch dockerfile makefile gitignore lock srt vtt",
      ],
      [
        "none",
        "npz npy joblib pkl pickle pt pth ckpt safetensors onnx h5 hdf5 keras pb tflite bin zip gz tar tgz xz zst 7z",
      ],
    ] as const
  ).flatMap(([kind, endings]) => endings.split(" ").map((ending): [string, PreviewKind] => [ending, kind])),
);

/** What has no ending may still be named by what it is. */
export function endingOf(path: string): string {
  const name = nameOf(path).toLowerCase();
  return name.slice(name.lastIndexOf(".") + 1);
}

/** The preview that fits a file. */
export function previewOf(artifact: Pick<Artifact, "path" | "media_type">): PreviewKind {
  const found = BY_ENDING.get(endingOf(artifact.path));
  if (found !== undefined) return found;
  const type = artifact.media_type;
  if (type === "image/svg+xml" || type === "text/html") return "page";
  if (type.startsWith("image/")) return "image";
  if (type.startsWith("audio/")) return "audio";
  if (type.startsWith("video/")) return "video";
  if (type === "application/json") return "json";
  if (type === "text/csv" || type === "text/tab-separated-values") return "table";
  return type.startsWith("text/") ? "text" : "none";
}
