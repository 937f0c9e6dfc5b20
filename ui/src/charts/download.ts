/** Files that the page makes itself. */

/** Hand a file to the person. */
export function downloadBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  downloadUrl(url, name);
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function downloadUrl(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** A title as the name of a file that every system takes. */
export function fileNameOf(title: string, extension: string): string {
  const kept = title
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}._ -]+/gu, "-")
    .replace(/^[-.\s]+|[-.\s]+$/g, "");
  // 255 bytes are the most that file systems take; a character has up to four.
  return `${[...kept].slice(0, 60).join("") || "chart"}.${extension}`;
}
