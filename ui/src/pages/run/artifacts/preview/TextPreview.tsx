import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { Code } from "~/components/Code";
import { ErrorState, Loading } from "~/components/Feedback";
import { languageOf } from "~/components/highlight";
import { JsonTree } from "~/components/JsonTree";
import { formatBytes, formatCount } from "~/format/number";
import classes from "../Artifacts.module.css";
import { type Artifact, TEXT_BYTES, useText } from "../queries";

const Markdown = lazy(() => import("~/components/Markdown"));

/** JSON is read whole up to this, to be shown as a tree. */
const JSON_BYTES = 4 * 1024 * 1024;

interface TextPreviewProps {
  artifact: Artifact;
  kind: "text" | "json" | "markdown";
}

/** Text, code, JSON as a tree, Markdown as it is meant: the beginning of it, if it is long. */
export default function TextPreview({ artifact, kind }: TextPreviewProps) {
  const limit = kind === "json" ? JSON_BYTES : TEXT_BYTES;
  const part = useText(artifact, limit);
  const [shown, setShown] = useState("meant");
  const value = useMemo(
    () => (kind === "json" && part.data && artifact.size <= limit ? parseJson(part.data.text) : null),
    [kind, part.data, artifact.size, limit],
  );
  if (part.isPending) return <Loading />;
  if (part.isError)
    return <ErrorState error={part.error} what="Reading the file" retry={() => part.refetch()} />;
  const { text, isBinary } = part.data;
  if (isBinary)
    return (
      <Text size="sm" c="dimmed">
        This is no text. Download it to open it with its own program.
      </Text>
    );
  if (text === "")
    return (
      <Text size="sm" c="dimmed">
        The file is empty.
      </Text>
    );
  const isMeant = shown === "meant" && (kind === "markdown" || value !== null);
  return (
    <Stack gap="xs">
      {(kind === "markdown" || value !== null) && (
        <SegmentedControl
          aria-label="How it is shown"
          style={{ alignSelf: "flex-start" }}
          value={shown}
          onChange={setShown}
          data={[
            { value: "meant", label: kind === "json" ? "Tree" : "Formatted" },
            { value: "text", label: "Text" },
          ]}
        />
      )}
      {artifact.size > limit && (
        <Text size="sm" c="dimmed" role="note">
          The first {formatBytes(limit)} of {formatBytes(artifact.size)}; download the file for the rest.
        </Text>
      )}
      {kind === "json" && value === null && artifact.size <= limit && (
        <Text size="sm" c="dimmed" role="note">
          This is no valid JSON, so it is shown as text.
        </Text>
      )}
      {isMeant && kind === "markdown" && (
        <Suspense fallback={<Loading />}>
          <Markdown text={text} />
        </Suspense>
      )}
      {isMeant && value !== null && <JsonTree value={value.content} />}
      {!isMeant && <Lines text={text} language={languageOf(artifact.path)} />}
    </Stack>
  );
}

function parseJson(text: string): { content: unknown } | null {
  try {
    return { content: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

const LINE_HEIGHT = 18;

/** Numbered lines, of which those in sight are drawn. */
function Lines({ text, language }: { text: string; language: string | null }) {
  const lines = useMemo(() => text.replace(/\n$/, "").split(/\r\n|\n|\r/), [text]);
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  const digits = String(lines.length).length;
  return (
    <section
      ref={scroller}
      className={classes.text}
      style={{ height: Math.min(lines.length * LINE_HEIGHT + 12, 720), maxHeight: "70vh" }}
      aria-label={`Text, ${formatCount(lines.length)} lines`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
      tabIndex={0}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div key={index} className={classes.line} style={{ transform: `translateY(${start}px)` }}>
            <span className={classes.number} style={{ minWidth: `${digits + 3}ch` }} aria-hidden="true">
              {index + 1}
            </span>
            <Code text={lines[index] ?? ""} language={language} />
          </div>
        ))}
      </div>
    </section>
  );
}
