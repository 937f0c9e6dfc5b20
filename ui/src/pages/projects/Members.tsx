import { ActionIcon, Button, Group, Select, Stack, Table, Text, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "~/api/client";
import { mayAdminister, useMe } from "~/app/me";
import { useUsers } from "~/app/users";
import { ErrorState, Loading } from "~/components/Feedback";
import { tellDone, tellProblem } from "~/components/notices";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";

type ProjectRole = "editor" | "viewer";
const ROLES: { value: ProjectRole; label: string }[] = [
  { value: "viewer", label: "viewer: sees it" },
  { value: "editor", label: "editor: adds and changes" },
];

/** Who sees a project because they were added to it; for admins of a server with login. */
export function Members({ projectId }: { projectId: string }) {
  const { data: me } = useMe();
  const isShown = me?.login === true && mayAdminister(me);
  const users = useUsers(isShown);
  const queries = useQueryClient();
  if (!isShown) return null;

  const change = async (name: string, role: ProjectRole | null) => {
    const params = { path: { name, project_id: projectId } };
    try {
      if (role === null) await client.DELETE("/api/modellab/users/{name}/projects/{project_id}", { params });
      else await client.PUT("/api/modellab/users/{name}/projects/{project_id}", { params, body: { role } });
      if (role === null)
        tellDone(`${name} is no longer a member.`, () => change(name, roleOf(name) ?? "viewer"));
    } catch (error) {
      tellProblem("Changing the members", error);
    }
    await queries.invalidateQueries({ queryKey: ["users"] });
  };
  const all = users.data?.pages.flatMap(({ items }) => items) ?? [];
  const roleOf = (name: string) => {
    const projects = all.find((user) => user.name === name)?.projects ?? {};
    return Object.hasOwn(projects, projectId) ? projects[projectId] : undefined;
  };
  const members = all.filter(({ name }) => roleOf(name) !== undefined);
  const others = all.filter(
    (user) => user.role === "member" && user.disabled_at === null && !members.includes(user),
  );

  return (
    <Section title="Members">
      <Text size="sm" c="dimmed">
        Admins, editors and viewers of the whole server see every project. Users with the role member see only
        those that they are added to.
      </Text>
      {users.isPending ? (
        <Loading lines={2} />
      ) : users.isError ? (
        <ErrorState error={users.error} what="Reading the users" retry={() => void users.refetch()} />
      ) : (
        <Stack gap="sm">
          {members.length > 0 && (
            <WideTable label="Members">
              <Table.Tbody>
                {members.map(({ name }) => (
                  <MemberRow key={name} name={name} role={roleOf(name) ?? "viewer"} onChange={change} />
                ))}
              </Table.Tbody>
            </WideTable>
          )}
          <AddMember names={others.map(({ name }) => name)} onAdd={change} />
        </Stack>
      )}
    </Section>
  );
}

interface MemberRowProps {
  name: string;
  role: ProjectRole;
  onChange: (name: string, role: ProjectRole | null) => Promise<void>;
}

function MemberRow({ name, role, onChange }: MemberRowProps) {
  return (
    <Table.Tr>
      <Table.Td maw={260} className="ml-text">
        {name}
      </Table.Td>
      <Table.Td w={220}>
        <Select
          aria-label={`Role of ${name}`}
          data={ROLES}
          value={role}
          onChange={(next) => next && void onChange(name, next as ProjectRole)}
        />
      </Table.Td>
      <Table.Td w={50}>
        <Tooltip label="Take out of the project">
          <ActionIcon
            aria-label={`Take ${name} out of the project`}
            onClick={() => void onChange(name, null)}
          >
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  );
}

function AddMember({ names, onAdd }: { names: readonly string[]; onAdd: MemberRowProps["onChange"] }) {
  const [name, setName] = useState<string | null>(null);
  const [role, setRole] = useState<ProjectRole>("viewer");
  if (names.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Every user with the role member is in this project.
      </Text>
    );
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Add a user"
        placeholder="Choose one"
        searchable
        data={names}
        value={name}
        onChange={setName}
      />
      <Select
        label="Role"
        data={ROLES}
        value={role}
        onChange={(next) => next && setRole(next as ProjectRole)}
      />
      <Button
        variant="default"
        disabled={name === null}
        onClick={() => {
          if (name !== null) void onAdd(name, role).then(() => setName(null));
        }}
      >
        Add
      </Button>
    </Group>
  );
}
