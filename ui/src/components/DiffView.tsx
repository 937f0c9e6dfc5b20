import { Alert, Box, Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useMemo, useRef, useState } from "react";
import { countOf, formatCount } from "~/format/number";
import { Code } from "./Code";
import classes from "./DiffView.module.css";
import { type ChangedFile, type DiffRow, readDiff } from "./diff";
import { languageOf } from "./highlight";

const ROW_HEIGHT = 20;
const HEAD_HEIGHT = 32;
const MAX_LINE = 2000;

type Row =
  | { kind: "file"; file: ChangedFile; at: number }
  | { kind: "row"; row: DiffRow; language: string | null };

interface DiffViewProps {
  diff: string;
  /** The greatest height of the part that scrolls. */
  maxHeight?: string;
}

/** A unified diff, file by file; however long it is, only what is seen is drawn. */
export function DiffView({ diff, maxHeight = "70vh" }: DiffViewProps) {
  const read = useMemo(() => readDiff(diff), [diff]);
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const toggle = (at: number) =>
    setFolded((before) => {
      const after = new Set(before);
      if (!after.delete(at)) after.add(at);
      return after;
    });
  const isAllFolded = folded.size === read.files.length;
  const foldAll = () => setFolded(isAllFolded ? new Set() : new Set(read.files.keys()));
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          {countOf(read.files.length, "file")}, <Changed file={read} />
        </Text>
        {read.files.length > 1 && (
          <Button variant="default" onClick={foldAll}>
            {isAllFolded ? "Unfold all files" : "Fold all files"}
          </Button>
        )}
      </Group>
      {read.notes.length > 0 && (
        <Alert color="gray" variant="light" title="Left out of the diff">
          {read.notes.map((note) => (
            <Text key={note} size="sm" className="ml-wrap">
              {note}
            </Text>
          ))}
        </Alert>
      )}
      <Rows files={read.files} folded={folded} toggle={toggle} maxHeight={maxHeight} />
    </Stack>
  );
}

interface RowsProps {
  files: readonly ChangedFile[];
  folded: ReadonlySet<number>;
  toggle: (at: number) => void;
  maxHeight: string;
}

function Rows({ files, folded, toggle, maxHeight }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () =>
      files.flatMap((file, at): Row[] => {
        const language = languageOf(file.path);
        const inside = folded.has(at) ? [] : file.rows;
        return [{ kind: "file", file, at }, ...inside.map((row): Row => ({ kind: "row", row, language }))];
      }),
    [files, folded],
  );
  const longest = useMemo(
    () =>
      rows.reduce(
        (most, row) => (row.kind === "row" ? Math.max(most, Math.min(row.row.text.length, MAX_LINE)) : most),
        0,
      ),
    [rows],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (rows[at]?.kind === "file" ? HEAD_HEIGHT : ROW_HEIGHT),
    // Another function when files fold, so that the places of all rows are found anew.
    // biome-ignore lint/correctness/useExhaustiveDependencies: see above
    getItemKey: useCallback((at: number) => at, [rows]),
    overscan: 10,
  });
  const height = virtual.getTotalSize();
  return (
    // Reached by keyboard, as it scrolls.
    <Box
      component="section"
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight }}
      tabIndex={0}
      aria-label="Diff"
    >
      <div className={classes.rows} style={{ height, minWidth: `calc(${longest}ch + 120px)` }}>
        {virtual.getVirtualItems().map(({ index, start, size }) => {
          const row = rows[index];
          return (
            <div
              key={index}
              className={classes.place}
              style={{ height: size, transform: `translateY(${start}px)` }}
            >
              {row?.kind === "file" && (
                <FileHead file={row.file} isFolded={folded.has(row.at)} toggle={() => toggle(row.at)} />
              )}
              {row?.kind === "row" && <Line row={row.row} language={row.language} />}
            </div>
          );
        })}
      </div>
    </Box>
  );
}

function FileHead({ file, isFolded, toggle }: { file: ChangedFile; isFolded: boolean; toggle: () => void }) {
  const Chevron = isFolded ? IconChevronRight : IconChevronDown;
  return (
    <UnstyledButton className={classes.file} onClick={toggle} aria-expanded={!isFolded}>
      <Chevron size={14} />
      <span className={`ml-text ${classes.path}`} title={file.path}>
        {file.path}
      </span>
      {file.what.length > 0 && <span className={classes.what}>{file.what.join(", ")}</span>}
      <Changed file={file} />
    </UnstyledButton>
  );
}

const Line = memo(function Line({ row, language }: { row: DiffRow; language: string | null }) {
  if (row.kind === "hunk") return <div className={classes.hunk}>{row.text}</div>;
  const cut = row.text.length - MAX_LINE;
  const kind = row.sign === "+" ? classes.added : row.sign === "-" ? classes.removed : "";
  return (
    <div className={`${classes.line} ${kind}`}>
      <span className={classes.number}>{row.old}</span>
      <span className={classes.number}>{row.new}</span>
      <span className={classes.sign}>{row.sign === "\\" ? "" : row.sign}</span>
      <span className={classes.text}>
        <Code text={cut > 0 ? row.text.slice(0, MAX_LINE) : row.text} language={language} />
        {cut > 0 && <span className={classes.what}> … {formatCount(cut)} more characters</span>}
      </span>
    </div>
  );
});

function Changed({ file }: { file: { nAdded: number; nRemoved: number } }) {
  return (
    <span className={classes.changed}>
      <span className={classes.plus}>+{formatCount(file.nAdded)}</span>{" "}
      <span className={classes.minus}>−{formatCount(file.nRemoved)}</span>
      <span className={classes.said}> lines</span>
    </span>
  );
}
