import { Button, CloseButton, Group, Modal, Paper, Stack, TagsInput, Text, Textarea } from "@mantine/core";
import { IconArrowsDiff, IconNote, IconTag, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { mayWriteHere, useMe } from "~/app/me";
import { explain, tellDone, tellProblem } from "~/components/notices";
import { TagsField } from "~/components/Tags";
import { parseTags, toObject } from "~/components/tags";
import { countOf, formatCount } from "~/format/number";
import { useProject } from "~/state/address";
import { type BulkChange, changeRuns, MAX_CHOSEN, refreshRuns } from "./queries";
import type { Chosen } from "./useChosen";

const MAX_COMPARED = 50;
const MAX_NOTE = 100_000;

interface ChosenBarProps {
  chosen: Chosen;
  total: number;
  onCompare: () => void;
  onChooseAll: () => Promise<void>;
}

/** What can be done with the runs that are chosen. */
export function ChosenBar({ chosen, total, onCompare, onChooseAll }: ChosenBarProps) {
  const [dialog, setDialog] = useState<"note" | "tags" | null>(null);
  const [isChoosing, setChoosing] = useState(false);
  const trash = useTrashChosen(chosen);
  const { data: me } = useMe();
  const mayEdit = mayWriteHere(me, useProject());
  const count = chosen.ids.size;
  if (count === 0) return null;
  const canCompare = count >= 2 && count <= MAX_COMPARED;
  const chooseAll = async () => {
    setChoosing(true);
    await onChooseAll().catch((error) => tellProblem("Choosing all", error));
    setChoosing(false);
  };
  return (
    <Paper withBorder px="sm" py={5} role="region" aria-label="Chosen runs">
      <Group gap="sm">
        <Text size="sm" fw={600} role="status">
          {countOf(count, "run")} chosen
        </Text>
        {count < Math.min(total, MAX_CHOSEN) && (
          <Button variant="subtle" size="compact-xs" loading={isChoosing} onClick={chooseAll}>
            {total > MAX_CHOSEN
              ? `Choose the first ${formatCount(MAX_CHOSEN)} of ${formatCount(total)}`
              : `Choose all ${formatCount(total)} that match`}
          </Button>
        )}
        <Group gap={6} ml="auto">
          <Button
            leftSection={<IconArrowsDiff size={15} />}
            disabled={!canCompare}
            title={canCompare ? "Compare (c)" : `Two to ${MAX_COMPARED} runs can be compared`}
            onClick={onCompare}
          >
            Compare
          </Button>
          {mayEdit && (
            <>
              <Button
                variant="default"
                leftSection={<IconNote size={15} />}
                onClick={() => setDialog("note")}
              >
                Note
              </Button>
              <Button variant="default" leftSection={<IconTag size={15} />} onClick={() => setDialog("tags")}>
                Tags
              </Button>
              <Button variant="default" color="red" leftSection={<IconTrash size={15} />} onClick={trash}>
                Move to trash
              </Button>
            </>
          )}
          <CloseButton aria-label="Choose none" title="Choose none (Esc)" onClick={chosen.clear} />
        </Group>
      </Group>
      {dialog === "note" && <NoteDialog chosen={chosen} onClose={() => setDialog(null)} />}
      {dialog === "tags" && <TagsDialog chosen={chosen} onClose={() => setDialog(null)} />}
    </Paper>
  );
}

function useTrashChosen(chosen: Chosen): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    const ids = [...chosen.ids];
    const act = async (change: BulkChange, what: string) => {
      try {
        await changeRuns(ids, change);
      } catch (error) {
        tellProblem(what, error);
        return false;
      } finally {
        await refreshRuns(queries);
      }
      return true;
    };
    const restore = async () => {
      if (await act({ restore: true }, "Restoring")) tellDone(`${countOf(ids.length, "run")} restored.`);
    };
    if (!(await act({ trash: true }, "Moving to the trash"))) return;
    chosen.clear();
    tellDone(`${countOf(ids.length, "run")} in the trash.`, restore);
  };
}

interface DialogProps {
  chosen: Chosen;
  onClose: () => void;
}

function useSaving({ chosen, onClose }: DialogProps) {
  const queries = useQueryClient();
  const [error, setError] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const save = async (change: BulkChange, said: string) => {
    setSaving(true);
    try {
      await changeRuns([...chosen.ids], change);
    } catch (problem) {
      setError(explain(problem));
      return setSaving(false);
    }
    onClose();
    tellDone(said);
    await refreshRuns(queries);
  };
  return { error, setError, isSaving, save };
}

function NoteDialog(props: DialogProps) {
  const [note, setNote] = useState("");
  const { error, isSaving, save } = useSaving(props);
  const many = countOf(props.chosen.ids.size, "run");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save({ note }, `The note is on ${many}.`);
  };
  return (
    <Modal opened onClose={props.onClose} title={`A note on ${many}`}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Textarea
            label="Note"
            description="Markdown. It takes the place of notes that are there; empty takes them off."
            autosize
            minRows={4}
            maxRows={14}
            maxLength={MAX_NOTE}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            error={error}
            data-autofocus
          />
          <Button type="submit" loading={isSaving}>
            Save
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function TagsDialog(props: DialogProps) {
  const [added, setAdded] = useState<string[]>([]);
  const [removed, setRemoved] = useState<string[]>([]);
  const { error, setError, isSaving, save } = useSaving(props);
  const many = countOf(props.chosen.ids.size, "run");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { tags, wrong } = parseTags(added);
    if (wrong.length > 0) return setError(`A tag is name=value; ${wrong[0]} has no name before an =.`);
    const change = toObject<string | null>([...tags, ...removed.map((name) => [name, null] as const)]);
    void save({ tags: change }, `The tags of ${many} are changed.`);
  };
  return (
    <Modal opened onClose={props.onClose} title={`Tags of ${many}`}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TagsField value={added} onChange={setAdded} error={error} />
          <TagsInput
            size="xs"
            label="Take off"
            description="Names of tags; Enter adds one"
            splitChars={[]}
            acceptValueOnBlur
            value={removed}
            onChange={setRemoved}
          />
          <Button type="submit" loading={isSaving} disabled={added.length + removed.length === 0}>
            Save
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
