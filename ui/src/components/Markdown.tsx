import { Typography } from "@mantine/core";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import classes from "./Markdown.module.css";

const COMPONENTS: Components = {
  // Headings of a text stay below those of the page that shows it.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  input: ({ checked }) => (
    <input
      type="checkbox"
      checked={checked === true}
      readOnly
      disabled
      aria-label={checked ? "Done" : "Open"}
    />
  ),
  img: ({ src, alt }) => {
    const text = typeof src === "string" ? src : "";
    // A picture of elsewhere would tell its server who reads the note.
    return isOwn(text) ? (
      <img src={text} alt={alt ?? ""} loading="lazy" />
    ) : (
      <a href={text} target="_blank" rel="noopener noreferrer nofollow">
        {alt || text || "picture"}
      </a>
    );
  },
};

function isOwn(address: string): boolean {
  try {
    return new URL(address, document.baseURI).origin === window.location.origin;
  } catch {
    return false;
  }
}

/** Markdown as people write it; HTML in it stays text. Import it lazily. */
export default function Markdown({ text }: { text: string }) {
  return (
    <Typography fz="sm" className={`ml-wrap ${classes.text}`} p={0}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </Typography>
  );
}
