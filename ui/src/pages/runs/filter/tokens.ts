/** The words of a query as one types it: tolerant, because what is typed is rarely whole. */

export type TokenKind = "path" | "word" | "string" | "number" | "symbol" | "unknown";

export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
  to: number;
}

const KEYWORDS = new Set([
  "and",
  "or",
  "not",
  "like",
  "ilike",
  "in",
  "between",
  "is",
  "null",
  "nan",
  "exists",
  "true",
  "false",
]);

const QUOTED = `"(?:[^"]|"")*(?:"|$)|'(?:[^']|'')*(?:'|$)|${"`"}(?:[^${"`"}]|${"`"}${"`"})*(?:${"`"}|$)`;
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["string", /"(?:[^"]|"")*(?:"|$)|'(?:[^']|'')*(?:'|$)/uy],
  ["number", /[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?\b)(?![\p{L}_])/iuy],
  ["path", new RegExp(String.raw`[\p{L}_]\w*\.(?:(?:${QUOTED})(?:\.\w*)?|[\p{L}\p{N}_/@:.-]*)`, "uy")],
  // With what names of metrics have in them: most people type those without what they are of.
  ["word", /[\p{L}_][\p{L}\p{N}_/@:-]*/uy],
  ["symbol", /==|!=|<>|<=|>=|[=<>(),]/y],
];

/** The tokens of a text; a quote that is still open reaches to the end. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = /\s+/y;
    blank.lastIndex = at;
    const space = blank.exec(text);
    if (space) {
      at += space[0].length;
      continue;
    }
    const token = readToken(text, at);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function readToken(text: string, from: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    if (found && found[0] !== "") return { kind, text: found[0], from, to: from + found[0].length };
  }
  const sign = String.fromCodePoint(text.codePointAt(from) ?? 0);
  return { kind: "unknown", text: sign, from, to: from + sign.length };
}

/** The keyword that a token is, in small letters. */
export function keywordOf(token: Token): string | null {
  const word = token.text.toLowerCase();
  return token.kind === "word" && KEYWORDS.has(word) ? word : null;
}

const OF_A_FIELD = /^(metrics|params|tags|datasets)\./;

/** Whether a text is words to look for rather than a query: it asks nothing of any field. */
export function isPlainWords(text: string): boolean {
  const tokens = readTokens(text);
  return (
    tokens.length > 0 &&
    tokens.every(
      (token) =>
        !"=<>!()".includes(token.text.charAt(0)) &&
        token.kind !== "string" &&
        !OF_A_FIELD.test(token.text) &&
        keywordOf(token) === null,
    )
  );
}
