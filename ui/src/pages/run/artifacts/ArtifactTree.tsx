import { IconChevronDown, IconChevronRight, IconCloudOff, IconFile, IconFolder } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { countOf, formatBytes } from "~/format/number";
import classes from "./Artifacts.module.css";
import { type Folder, flatten, folderOf, foldersAround, type TreeRow } from "./tree";

const ROW_HEIGHT = 28;
/** A small tree is shown open; a large one by its top folders. */
const SMALL = 40;

interface ArtifactTreeProps {
  root: Folder;
  chosen: string;
  onChoose: (path: string) => void;
  /** What a search has found is shown with all its folders open. */
  isSearch: boolean;
}

/**
 * The tree of folders and files: only the rows in sight are drawn. It has the keyboard of a tree: arrows move, open
 * and close, Enter chooses.
 */
export function ArtifactTree({ root, chosen, onChoose, isSearch }: ArtifactTreeProps) {
  const [folded, setFolded] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isSmall = root.nFiles <= SMALL;
  const around = useMemo(() => new Set(foldersAround(chosen)), [chosen]);
  const rows = useMemo(
    () => flatten(root, (path) => folded.get(path) ?? (isSearch || isSmall || around.has(path))),
    [root, isSearch, isSmall, around, folded],
  );
  const [active, setActive] = useState(chosen);
  const place = Math.max(
    rows.findIndex(({ path }) => path === active),
    0,
  );
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, so that a link shows the row it is about
  useEffect(() => {
    if (place > 0) virtual.scrollToIndex(place, { align: "center" });
  }, []);

  const toggle = (row: TreeRow) =>
    row.kind === "folder" && setFolded((before) => new Map(before).set(row.path, !row.isOpen));
  const moveTo = (at: number) => {
    const row = rows[Math.min(Math.max(at, 0), rows.length - 1)];
    if (row === undefined) return;
    setActive(row.path);
    virtual.scrollToIndex(rows.indexOf(row));
  };
  const choose = (row: TreeRow) => {
    setActive(row.path);
    if (row.kind === "folder" && (row.path === chosen || !row.isOpen)) toggle(row);
    onChoose(row.path);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[place];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = readKey(event.key, row);
    if (act === null) return;
    event.preventDefault();
    if (act === "choose") choose(row);
    else if (act === "toggle") toggle(row);
    else if (act === "up") moveTo(rows.findIndex(({ path }) => path === folderOf(row.path)));
    else moveTo(act === "first" ? 0 : act === "last" ? rows.length - 1 : place + act);
  };

  return (
    <div
      ref={scroller}
      className={classes.tree}
      role="tree"
      aria-label="Files"
      tabIndex={0}
      aria-activedescendant={rows.length > 0 ? `${id}-${place}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="presentation">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return (
            row && (
              <Row
                key={row.path}
                id={`${id}-${index}`}
                row={row}
                top={start}
                isChosen={row.path === chosen}
                isActive={index === place}
                onChoose={() => choose(row)}
                onToggle={() => toggle(row)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function readKey(key: string, row: TreeRow): "choose" | "toggle" | "up" | "first" | "last" | number | null {
  switch (key) {
    case "ArrowDown":
      return 1;
    case "ArrowUp":
      return -1;
    case "PageDown":
      return 15;
    case "PageUp":
      return -15;
    case "Home":
      return "first";
    case "End":
      return "last";
    case "Enter":
    case " ":
      return "choose";
    case "ArrowRight":
      return row.kind === "folder" ? (row.isOpen ? 1 : "toggle") : null;
    case "ArrowLeft":
      return row.kind === "folder" && row.isOpen ? "toggle" : row.depth > 0 ? "up" : null;
    default:
      return null;
  }
}

interface RowProps {
  id: string;
  row: TreeRow;
  top: number;
  isChosen: boolean;
  isActive: boolean;
  onChoose: () => void;
  onToggle: () => void;
}

function Row({ id, row, top, isChosen, isActive, onChoose, onToggle }: RowProps) {
  const isFolder = row.kind === "folder";
  const Chevron = isFolder && row.isOpen ? IconChevronDown : IconChevronRight;
  const isGone = row.kind === "file" && !row.file.is_stored;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself has the keyboard
    // biome-ignore lint/a11y/useFocusableInteractive: the tree itself has the focus
    <div
      id={id}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={isChosen}
      aria-expanded={isFolder ? row.isOpen : undefined}
      data-active={isActive}
      className={classes.row}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 8 + row.depth * 16 }}
      title={row.path}
      onClick={onChoose}
    >
      {isFolder ? (
        <Chevron
          size={14}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            onToggle();
          }}
        />
      ) : (
        <span style={{ width: 14 }} />
      )}
      {isFolder ? (
        <IconFolder size={15} aria-hidden="true" />
      ) : isGone ? (
        <IconCloudOff size={15} aria-label="not kept" />
      ) : (
        <IconFile size={15} aria-hidden="true" />
      )}
      <span className={`ml-text ${classes.name}`}>{row.name}</span>
      <span className={classes.size}>
        {isFolder ? countOf(row.folder.nFiles, "file") : formatBytes(row.file.size)}
      </span>
    </div>
  );
}
