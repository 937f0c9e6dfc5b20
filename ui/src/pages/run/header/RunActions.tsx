import { Button, Group, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import {
  IconArrowsDiff,
  IconCopy,
  IconDots,
  IconDownload,
  IconFlag,
  IconFlagOff,
  IconLink,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { root } from "~/api/client";
import { DetailsModal } from "~/components/DetailsModal";
import { tellDone } from "~/components/notices";
import { changeOfTags } from "~/components/tags";
import { useTrash } from "~/components/useTrash";
import { labelRun } from "~/format/run";
import { useLink } from "~/state/address";
import { useEditRun, type WholeRun } from "../queries";
import { BASELINE_TAG, isMarked } from "./baseline";

/** What can be done with a run. */
export function RunActions({ run, mayEdit }: { run: WholeRun; mayEdit: boolean }) {
  const link = useLink();
  const [isEditing, setEditing] = useState(false);
  const { copy } = useClipboard();
  const copyText = (text: string, what: string) => {
    copy(text);
    tellDone(`${what} is copied.`);
  };
  return (
    <Group gap="sm" wrap="nowrap">
      {run.deleted_at === null && (
        <Button
          variant="default"
          component={Link}
          to={link("/compare", { run: [run.run_id] })}
          leftSection={<IconArrowsDiff size={15} />}
        >
          Compare with…
        </Button>
      )}
      <Menu>
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={15} />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {mayEdit && run.deleted_at === null && <Changes run={run} edit={() => setEditing(true)} />}
          <Menu.Item
            leftSection={<IconCopy size={15} />}
            onClick={() => copyText(run.run_id, "The run's id")}
          >
            Copy the id
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLink size={15} />}
            onClick={() => copyText(window.location.href, "The link to this view")}
          >
            Copy the link
          </Menu.Item>
          {run.deleted_at === null && (
            <Menu.Item
              component="a"
              href={`${root}/api/modellab/runs/${encodeURIComponent(run.run_id)}/repro/download`}
              download
              leftSection={<IconDownload size={15} />}
            >
              Download the pack
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isEditing && <EditRun run={run} onClose={() => setEditing(false)} />}
    </Group>
  );
}

function Changes({ run, edit: openEdit }: { run: WholeRun; edit: () => void }) {
  const edit = useEditRun(run.run_id);
  const { discard } = useTrash();
  const navigate = useNavigate();
  const link = useLink();
  const isBaseline = isMarked(run);
  const mark = (value: string | null) => edit.mutateAsync({ tags: { [BASELINE_TAG]: value } });
  const toggleBaseline = async () => {
    await mark(isBaseline ? null : "true");
    tellDone(isBaseline ? "The run is no baseline any more." : "The run is the baseline now.", async () => {
      await mark(isBaseline ? "true" : null);
    });
  };
  return (
    <>
      <Menu.Item leftSection={<IconPencil size={15} />} onClick={openEdit}>
        Edit name, description, tags
      </Menu.Item>
      <Menu.Item
        leftSection={isBaseline ? <IconFlagOff size={15} /> : <IconFlag size={15} />}
        // What went wrong is told by the hook.
        onClick={() => toggleBaseline().catch(() => undefined)}
      >
        {isBaseline ? "Stop using as baseline" : "Use as baseline"}
      </Menu.Item>
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={15} />}
        onClick={() => {
          // First away from what cannot be read any more; the notice that tells so can undo it.
          navigate(link("/runs"));
          void discard([{ kind: "run", id: run.run_id, label: labelRun(run) }]);
        }}
      >
        Move to the trash
      </Menu.Item>
      <Menu.Divider />
    </>
  );
}

/** Name, description and tags, in one dialog. */
export function EditRun({ run, onClose }: { run: WholeRun; onClose: () => void }) {
  const edit = useEditRun(run.run_id);
  return (
    <DetailsModal
      title="Edit the run"
      submitLabel="Save"
      initial={{ name: run.name ?? labelRun(run), description: run.description, tags: run.tags }}
      onSubmit={async ({ name, description, tags }) => {
        const change = changeOfTags(run.tags, tags);
        await edit.mutateAsync({
          ...(name !== labelRun(run) && { name }),
          ...(description !== (run.description ?? "") && { description: description || null }),
          ...(change && { tags: change }),
        });
      }}
      onClose={onClose}
    />
  );
}
