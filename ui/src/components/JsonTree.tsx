import { formatCount } from "~/format/number";
import classes from "./JsonTree.module.css";

const MAX_ITEMS = 200;
const MAX_TEXT = 2000;

interface JsonTreeProps {
  value: unknown;
  /** How many levels are open at first. */
  depth?: number;
}

/** A value of JSON whose objects and lists fold. */
export function JsonTree({ value, depth = 2 }: JsonTreeProps) {
  if (Array.isArray(value))
    return (
      <Branch
        open="["
        close="]"
        depth={depth}
        entries={value.map((item, at) => [String(at), item] as const)}
      />
    );
  if (typeof value === "object" && value !== null)
    return <Branch open="{" close="}" depth={depth} entries={Object.entries(value)} />;
  return <Leaf value={value} />;
}

interface BranchProps {
  open: string;
  close: string;
  entries: readonly (readonly [string, unknown])[];
  depth: number;
}

function Branch({ open, close, entries, depth }: BranchProps) {
  if (entries.length === 0)
    return (
      <span className={classes.quiet}>
        {open}
        {close}
      </span>
    );
  return (
    <details open={depth > 0} className={classes.branch}>
      <summary>
        <span className={classes.quiet}>
          {open} {formatCount(entries.length)} {close}
        </span>
      </summary>
      <ul>
        {entries.slice(0, MAX_ITEMS).map(([name, item]) => (
          <li key={name}>
            <span className={classes.name}>{name}</span>: <JsonTree value={item} depth={depth - 1} />
          </li>
        ))}
        {entries.length > MAX_ITEMS && (
          <li className={classes.quiet}>{formatCount(entries.length - MAX_ITEMS)} more are not shown</li>
        )}
      </ul>
    </details>
  );
}

function Leaf({ value }: { value: unknown }) {
  const text = JSON.stringify(value) ?? String(value);
  const kind = typeof value === "string" ? classes.text : classes.value;
  return (
    <span className={kind}>
      {text.length > MAX_TEXT
        ? `${text.slice(0, MAX_TEXT)}… ${formatCount(text.length - MAX_TEXT)} more characters`
        : text}
    </span>
  );
}
