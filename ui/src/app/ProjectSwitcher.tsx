import { Button, Menu, ScrollArea, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconChevronDown, IconFolders, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { formatCount } from "~/format/number";
import { makeLink, useProject, useSetAddress } from "~/state/address";
import { mayAddProjects, useMe } from "./me";
import { useProjects } from "./projects";

/** Which project is looked at; kept in the address. */
export function ProjectSwitcher() {
  const project = useProject();
  const setAddress = useSetAddress();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [search, setSearch] = useState("");
  const [asked] = useDebouncedValue(search.trim(), 200);
  const { data: me } = useMe();
  const found = useProjects();
  const matching = useProjects(asked).data ?? found.data;
  const current = found.data?.items.find((item) => item.project_id === project);

  const choose = (projectId: string | null) => {
    // A page of one thing has no meaning in another project.
    if (/^\/(runs|datasets|projects)\/./.test(pathname))
      navigate(makeLink(`/${pathname.split("/")[1]}`, projectId));
    else setAddress({ project: projectId }, { push: true });
  };

  return (
    <Menu position="bottom-start" width={280} onClose={() => setSearch("")}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px="xs"
          rightSection={<IconChevronDown size={14} />}
          aria-label={`Project: ${current?.name ?? project ?? "all projects"}`}
          styles={{ label: { maxWidth: 200 } }}
        >
          <span className="ml-text">{current?.name ?? project ?? "All projects"}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(found.data?.items.length ?? 0) > 8 && (
          <TextInput
            placeholder="Find a project"
            aria-label="Find a project"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            m={4}
          />
        )}
        <Menu.Item
          onClick={() => choose(null)}
          rightSection={project === null ? <IconCheck size={14} /> : null}
        >
          All projects
        </Menu.Item>
        <ScrollArea.Autosize mah={320}>
          {matching?.items.map((item) => (
            <Menu.Item
              key={item.project_id}
              onClick={() => choose(item.project_id)}
              rightSection={
                item.project_id === project ? (
                  <IconCheck size={14} />
                ) : (
                  <Text size="xs" c="dimmed">
                    {formatCount(item.statistics.n_runs)}
                  </Text>
                )
              }
            >
              <span className="ml-text">{item.name}</span>
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconFolders size={15} />}
          onClick={() => navigate(makeLink("/projects", project))}
        >
          Manage projects
        </Menu.Item>
        {mayAddProjects(me) && (
          <Menu.Item
            leftSection={<IconPlus size={15} />}
            onClick={() => navigate(makeLink("/projects", project, { new: "1" }))}
          >
            New project
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
