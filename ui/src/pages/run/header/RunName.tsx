import { ActionIcon, Group, TextInput, Title, Tooltip } from "@mantine/core";
import { getHotkeyHandler } from "@mantine/hooks";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { RunSwatch } from "~/components/RunLink";
import { labelRun } from "~/format/run";
import { useEditRun, type WholeRun } from "../queries";

const MAX_NAME = 250;

/** The run's name; whoever may change it does so where it stands. */
export function RunName({ run, mayEdit }: { run: WholeRun; mayEdit: boolean }) {
  const [typed, setTyped] = useState<string | null>(null);
  const edit = useEditRun(run.run_id);
  const save = () => {
    const name = typed?.trim() ?? "";
    setTyped(null);
    if (name !== "" && name !== run.name) edit.mutate({ name });
  };
  if (typed !== null)
    return (
      <TextInput
        aria-label="Name of the run"
        size="sm"
        autoFocus
        maxLength={MAX_NAME}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={getHotkeyHandler([
          ["Enter", save],
          ["Escape", () => setTyped(null)],
        ])}
        style={{ flex: "1 1 320px", maxWidth: 640 }}
      />
    );
  return (
    <Group gap="sm" wrap="nowrap" miw={0}>
      <RunSwatch runId={run.run_id} />
      <Title order={1} className="ml-wrap" lineClamp={2} title={labelRun(run)}>
        {labelRun(run)}
      </Title>
      {mayEdit && (
        <Tooltip label="Rename">
          <ActionIcon onClick={() => setTyped(run.name ?? "")} aria-label="Rename">
            <IconPencil size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}
