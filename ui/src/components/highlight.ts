/** Code as coloured pieces; a language that is not known stays plain. Loaded with what shows code. */

import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import ini from "highlight.js/lib/languages/ini";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

const lowlight = createLowlight({
  bash,
  css,
  ini,
  javascript,
  json,
  markdown,
  python,
  sql,
  typescript,
  xml,
  yaml,
});

const BY_ENDING = new Map(
  Object.entries({
    py: "python",
    pyi: "python",
    pyx: "python",
    ipynb: "json",
    json: "json",
    jsonl: "json",
    yaml: "yaml",
    yml: "yaml",
    toml: "ini",
    ini: "ini",
    cfg: "ini",
    env: "ini",
    sh: "bash",
    bash: "bash",
    md: "markdown",
    html: "xml",
    xml: "xml",
    svg: "xml",
    css: "css",
    js: "javascript",
    mjs: "javascript",
    jsx: "javascript",
    ts: "typescript",
    tsx: "typescript",
    sql: "sql",
  }),
);
/** Longer lines are data rather than code, and would hold the page up. */
const MAX_LENGTH = 1000;

export interface Piece {
  text: string;
  /** What it is, such as "keyword"; the style sheet of who draws it gives the colour. */
  token: string | null;
}

/** The language of a file, by the ending of its name. */
export function languageOf(path: string): string | null {
  return BY_ENDING.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase()) ?? null;
}

/** The pieces of a text, which together are the text. */
export function highlight(text: string, language: string | null): Piece[] {
  if (language === null || text.length > MAX_LENGTH) return [{ text, token: null }];
  const pieces: Piece[] = [];
  collect(lowlight.highlight(language, text).children, null, pieces);
  return pieces;
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

function collect(nodes: readonly Node[], token: string | null, into: Piece[]): void {
  for (const node of nodes) {
    if (node.type === "text") into.push({ text: node.value, token });
    else if (node.type === "element") {
      const [name] = (node.properties.className as string[] | undefined) ?? [];
      collect(node.children as Node[], name?.replace(/^hljs-/, "") ?? token, into);
    }
  }
}
