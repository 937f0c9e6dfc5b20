import { ActionIcon, Box, Button, Group, Stack, Switch, Text } from "@mantine/core";
import { getHotkeyHandler, useDebouncedValue } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp, IconDownload } from "@tabler/icons-react";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { SearchField } from "~/components/SearchField";
import { countOf, formatCount } from "~/format/number";
import { useAddress } from "~/state/address";
import type { TabProps } from "../tabs";
import classes from "./Console.module.css";
import { cutAt, findLines } from "./lines";
import { useConsole } from "./useConsole";

const LINE_HEIGHT = 18;
const MAX_LINE = 4000;

/** What the run printed, as it prints it. */
export default function ConsoleTab({ run }: TabProps) {
  const printed = useConsole(run);
  if (printed.isPending) return <Loading lines={10} />;
  if (printed.isError && printed.data === undefined)
    return <ErrorState error={printed.error} what="Reading the console" retry={printed.refetch} />;
  const { lines } = printed.data;
  const isRunning = run.status === "running";
  if (lines.length === 0)
    return isRunning ? (
      <EmptyState title="Nothing printed yet">Lines appear here as the run prints them.</EmptyState>
    ) : (
      <EmptyState title="Nothing was recorded" code="MODELLAB_CONSOLE=1 python train.py">
        The run printed nothing, or was told not to record it. Recording is on unless{" "}
        <code>MODELLAB_CONSOLE</code> is 0.
      </EmptyState>
    );
  return <Lines lines={lines} runId={run.run_id} isRunning={isRunning} />;
}

interface LinesProps {
  lines: readonly string[];
  runId: string;
  isRunning: boolean;
}

function Lines({ lines, runId, isRunning }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(isRunning);
  const [search, setSearch] = useAddress("find");
  const [wanted] = useDebouncedValue(search, 150);
  const found = useMemo(() => findLines(lines, wanted), [lines, wanted]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 10,
  });
  useEffect(() => {
    if (isFollowing) virtual.scrollToIndex(lines.length - 1);
  }, [isFollowing, lines.length, virtual]);
  const goTo = (line: number) => {
    setFollowing(false);
    virtual.scrollToIndex(line, { align: "center" });
  };
  const longest = useMemo(
    () => lines.reduce((most, line) => Math.max(most, Math.min(line.length, MAX_LINE)), 0),
    [lines],
  );
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Finder found={found} search={search} setSearch={setSearch} goTo={goTo} />
        <Group gap="md">
          <Switch
            size="xs"
            label="Follow the end"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />
          <Text size="sm" c="dimmed">
            {countOf(lines.length, "line")}
          </Text>
          <Download lines={lines} name={`${runId}.log`} />
        </Group>
      </Group>
      <Box
        component="section"
        ref={scroller}
        className={classes.scroller}
        tabIndex={0}
        aria-label="Console"
        // A person who scrolls up wants to read there.
        onWheel={(event) => event.deltaY < 0 && setFollowing(false)}
      >
        <LineRows virtual={virtual} lines={lines} wanted={wanted} minWidth={`calc(${longest}ch + 80px)`} />
      </Box>
    </Stack>
  );
}

interface LineRowsProps {
  virtual: Virtualizer<HTMLDivElement, Element>;
  lines: readonly string[];
  wanted: string;
  minWidth: string;
}

function LineRows({ virtual, lines, wanted, minWidth }: LineRowsProps) {
  return (
    <div style={{ height: virtual.getTotalSize(), position: "relative", minWidth }}>
      {virtual.getVirtualItems().map(({ index, start }) => (
        <Line key={index} at={index} start={start} line={lines[index] ?? ""} wanted={wanted} />
      ))}
    </div>
  );
}

interface LineProps {
  at: number;
  start: number;
  line: string;
  wanted: string;
}

const Line = memo(function Line({ at, start, line, wanted }: LineProps) {
  const cut = line.length - MAX_LINE;
  return (
    <div className={classes.line} style={{ transform: `translateY(${start}px)` }}>
      <span className={classes.number}>{at + 1}</span>
      <Marked line={cut > 0 ? line.slice(0, MAX_LINE) : line} wanted={wanted} />
      {cut > 0 && <span className={classes.more}> … {formatCount(cut)} more characters</span>}
    </div>
  );
});

function Marked({ line, wanted }: { line: string; wanted: string }) {
  return (
    <span className={classes.text}>
      {cutAt(line, wanted).map((part, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
        at % 2 === 1 ? <mark key={at}>{part}</mark> : part,
      )}
    </span>
  );
}

interface FinderProps {
  found: readonly number[];
  search: string;
  setSearch: (search: string | null) => void;
  goTo: (line: number) => void;
}

function Finder({ found, search, setSearch, goTo }: FinderProps) {
  const [at, setAt] = useState(-1);
  const move = (by: number) => {
    if (found.length === 0) return;
    const next = at === -1 && by < 0 ? found.length - 1 : (at + by + found.length) % found.length;
    setAt(next);
    const line = found[next];
    if (line !== undefined) goTo(line);
  };
  const change = (text: string) => {
    setAt(-1);
    setSearch(text || null);
  };
  const place = at >= 0 && at < found.length ? `${formatCount(at + 1)} of ` : "";
  return (
    <Group gap="xs">
      <SearchField
        label="Find in the console"
        value={search}
        onSearch={change}
        onKeyDown={getHotkeyHandler([
          ["Enter", () => move(1)],
          ["shift+Enter", () => move(-1)],
        ])}
        w={220}
      />
      {search !== "" && (
        <>
          <ActionIcon onClick={() => move(-1)} aria-label="Line before" disabled={found.length === 0}>
            <IconChevronUp size={16} />
          </ActionIcon>
          <ActionIcon onClick={() => move(1)} aria-label="Next line" disabled={found.length === 0}>
            <IconChevronDown size={16} />
          </ActionIcon>
          <Text size="sm" c="dimmed" role="status">
            {place}
            {countOf(found.length, "line")}
          </Text>
        </>
      )}
    </Group>
  );
}

function Download({ lines, name }: { lines: readonly string[]; name: string }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }));
    const anchor = document.createElement("a");
    anchor.href = url;
    anchor.download = name;
    anchor.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button variant="default" leftSection={<IconDownload size={14} />} onClick={save}>
      Download
    </Button>
  );
}
