import { Alert, Box, Button, Group, SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { getHotkeyHandler } from "@mantine/hooks";
import { lazy, Suspense, useState } from "react";
import { Loading } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { formatCount } from "~/format/number";
import { readRun, useEditRun, type WholeRun } from "../queries";
import { isConflict, keepDraft, type NoteDraft, readDraft } from "./noteDraft";

const Markdown = lazy(() => import("~/components/Markdown"));
const MAX_NOTE = 100_000;

/** What people say about the run, in Markdown. */
export function Note({ run, mayEdit }: { run: WholeRun; mayEdit: boolean }) {
  const [draft, setDraft] = useState(() => readDraft(run.run_id));
  const change = (next: NoteDraft | null) => {
    keepDraft(run.run_id, next);
    setDraft(next);
  };
  const note = run.note ?? "";
  if (draft !== null && mayEdit)
    return (
      <Section title="Note">
        <NoteEditor run={run} draft={draft} change={change} />
      </Section>
    );
  return (
    <Section
      title="Note"
      actions={
        mayEdit && (
          <Button variant="default" onClick={() => change({ text: note, base: note })}>
            {note === "" ? "Write a note" : "Edit the note"}
          </Button>
        )
      }
    >
      {note === "" ? (
        <Text size="sm" c="dimmed">
          Nobody has written about this run. A note says in Markdown what was tried, and what came out.
        </Text>
      ) : (
        <Rendered text={note} />
      )}
    </Section>
  );
}

function Rendered({ text }: { text: string }) {
  return (
    <Suspense fallback={<Loading lines={3} />}>
      <Markdown text={text} />
    </Suspense>
  );
}

interface NoteEditorProps {
  run: WholeRun;
  draft: NoteDraft;
  change: (draft: NoteDraft | null) => void;
}

function NoteEditor({ run, draft, change }: NoteEditorProps) {
  const [view, setView] = useState("write");
  const edit = useEditRun(run.run_id);
  const save = async () => {
    try {
      // Someone may have saved another one a moment ago; what is shown may not know of it yet.
      const { note } = await readRun(run.run_id);
      if (isConflict(draft, note)) return setTheirs(note ?? "");
      await edit.mutateAsync({ note: draft.text || null });
      change(null);
    } catch {
      setFailed(true); // what went wrong is told elsewhere; the draft stays
    }
  };
  const [theirs, setTheirs] = useState<string | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const other = theirs ?? (isConflict(draft, run.note) ? (run.note ?? "") : null);
  const takeBase = (text: string) => {
    setTheirs(null);
    change({ text, base: other ?? draft.base });
  };
  return (
    <Stack gap="sm">
      {other !== null && !edit.isPending && (
        <Conflict theirs={other} keepMine={() => takeBase(draft.text)} takeTheirs={() => takeBase(other)} />
      )}
      <SegmentedControl
        value={view}
        onChange={setView}
        data={[
          { value: "write", label: "Write" },
          { value: "preview", label: "Preview" },
        ]}
        aria-label="Write or preview"
        style={{ alignSelf: "flex-start" }}
      />
      {view === "write" ? (
        <Textarea
          aria-label="Note, in Markdown"
          autosize
          minRows={6}
          maxRows={24}
          maxLength={MAX_NOTE}
          autoFocus
          value={draft.text}
          onChange={(event) => change({ ...draft, text: event.currentTarget.value })}
          onKeyDown={getHotkeyHandler([["mod+Enter", save]])}
          styles={{ input: { fontFamily: "var(--ml-font-mono)", fontSize: 13 } }}
        />
      ) : (
        <Box p="sm" style={{ border: "1px solid var(--ml-line)", borderRadius: 4 }}>
          <Rendered text={draft.text} />
        </Box>
      )}
      <Group justify="space-between" gap="sm">
        <Text size="xs" c="dimmed" role={hasFailed ? "alert" : undefined}>
          {hasFailed
            ? "Not saved yet. What you wrote is kept in this tab."
            : `${formatCount(draft.text.length)} of ${formatCount(MAX_NOTE)} characters; kept in this tab until it is saved.`}
        </Text>
        <Group gap="sm">
          <Button variant="default" onClick={() => change(null)}>
            {draft.text === draft.base ? "Cancel" : "Discard"}
          </Button>
          <Button onClick={save} loading={edit.isPending} disabled={other !== null}>
            Save
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

interface ConflictProps {
  theirs: string;
  keepMine: () => void;
  takeTheirs: () => void;
}

function Conflict({ theirs, keepMine, takeTheirs }: ConflictProps) {
  return (
    <Alert color="yellow" role="alert" title="The note changed elsewhere while you wrote">
      <Stack gap="sm">
        <Box
          mah={200}
          style={{ overflow: "auto", whiteSpace: "pre-wrap" }}
          className="ml-wrap ml-mono"
          fz="xs"
        >
          {theirs || "It was removed."}
        </Box>
        <Group gap="sm">
          <Button variant="default" onClick={keepMine}>
            Go on with mine
          </Button>
          <Button variant="default" onClick={takeTheirs}>
            Go on with that one
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
