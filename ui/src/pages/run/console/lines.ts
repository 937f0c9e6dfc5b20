/** What a run printed, as lines: joined as it comes, and searched. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal begin with one
const TERMINAL_CODES = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;

/** The lines of a piece of a console; each one ends with a newline. */
export function splitLines(text: string): string[] {
  if (text === "") return [];
  const lines = text.replace(TERMINAL_CODES, "").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The places of lines that have the text, in any letter case. */
export function findLines(lines: readonly string[], text: string): number[] {
  if (text === "") return [];
  const wanted = text.toLowerCase();
  const found: number[] = [];
  lines.forEach((line, at) => {
    if (line.toLowerCase().includes(wanted)) found.push(at);
  });
  return found;
}

/** A line cut at where the text is found: what is before, the text itself, and so on in turn. */
export function cutAt(line: string, text: string): string[] {
  if (text === "") return [line];
  const [low, wanted] = [line.toLowerCase(), text.toLowerCase()];
  // Letters whose small form has another length would shift every place after them.
  if (low.length !== line.length) return [line];
  const parts: string[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at !== -1; at = low.indexOf(wanted, from)) {
    parts.push(line.slice(from, at), line.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...parts, line.slice(from)];
}
