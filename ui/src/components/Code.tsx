import { highlight } from "./highlight";
import "./Code.css";

/** Code in colours, within a line or a `<pre>`. */
export function Code({ text, language }: { text: string; language: string | null }) {
  return highlight(text, language).map(({ text: piece, token }, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
    <span key={at} data-token={token ?? undefined}>
      {piece}
    </span>
  ));
}
