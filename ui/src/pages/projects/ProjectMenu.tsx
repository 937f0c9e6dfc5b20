import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { mayWrite, useMe } from "~/app/me";
import { useTrash } from "~/components/useTrash";
import { EditProject } from "./ProjectForms";
import type { Project } from "./queries";

/** What can be done with a project; nothing for who may not. */
export function ProjectMenu({
  project,
  onDiscarded,
}: {
  project: Project;
  onDiscarded?: () => void | Promise<void>;
}) {
  const [isEditing, setEditing] = useState(false);
  const { discard } = useTrash();
  const { data: me } = useMe();
  if (!mayWrite(me, project.project_id)) return null;
  const putAway = () =>
    discard([{ kind: "project", id: project.project_id, label: project.name }], onDiscarded);
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${project.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setEditing(true)}>
            Edit
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => void putAway()}>
            Put into the trash, with its runs and datasets
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isEditing && <EditProject project={project} onClose={() => setEditing(false)} />}
    </>
  );
}
