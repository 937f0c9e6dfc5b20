import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Menu,
  Select,
  Stack,
  Table,
  Text,
  VisuallyHidden,
} from "@mantine/core";
import { IconDots, IconKey, IconLockOpen, IconPlus, IconUserOff } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "~/api/client";
import { mayAdminister, useMe } from "~/app/me";
import { useUsers } from "~/app/users";
import { ErrorState, Loading } from "~/components/Feedback";
import { tellDone, tellProblem } from "~/components/notices";
import { TypedConfirmation } from "~/components/TypedConfirmation";
import { WideTable } from "~/components/WideTable";
import { countOf } from "~/format/number";
import { formatDate } from "~/format/time";
import { NewUser } from "./NewUser";
import { NoLogin } from "./NoLogin";
import { PasswordModal } from "./PasswordModal";
import { ROLES, type Role, type User } from "./queries";

/** Who may log in; others than admins see themselves. */
export function Users() {
  const { data: me, isPending } = useMe();
  const [isOwnOpen, setOwnOpen] = useState(false);
  if (isPending) return <Loading />;
  if (!me?.login) return <NoLogin what="users" />;
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <Text size="sm" className="ml-wrap">
          You are {me.name}, with the role {me.role}.
        </Text>
        <Button variant="default" onClick={() => setOwnOpen(true)}>
          Change your password
        </Button>
      </Group>
      {mayAdminister(me) && <UserList ownName={me.name} />}
      {isOwnOpen && <PasswordModal name={me.name} isOwn onClose={() => setOwnOpen(false)} />}
    </Stack>
  );
}

function UserList({ ownName }: { ownName: string }) {
  const found = useUsers(true);
  const [isNew, setNew] = useState(false);
  if (found.isPending) return <Loading />;
  if (found.isError)
    return <ErrorState error={found.error} what="Reading the users" retry={() => void found.refetch()} />;
  const users = found.data.pages.flatMap(({ items }) => items);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {countOf(users.length, "user")}
        </Text>
        <Button leftSection={<IconPlus size={15} />} onClick={() => setNew(true)}>
          New user
        </Button>
      </Group>
      <WideTable label="Users" minWidth={680}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th>Projects</Table.Th>
            <Table.Th className="ml-number">Added</Table.Th>
            <Table.Th w={50}>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <UserRow key={user.name} user={user} isOwn={user.name === ownName} />
          ))}
        </Table.Tbody>
      </WideTable>
      {isNew && <NewUser onClose={() => setNew(false)} />}
    </Stack>
  );
}

function UserRow({ user, isOwn }: { user: User; isOwn: boolean }) {
  const queries = useQueryClient();
  const setRole = async (role: Role) => {
    try {
      await client.PUT("/api/modellab/users/{name}", {
        params: { path: { name: user.name } },
        body: { role },
      });
      tellDone(`${user.name} is ${role} now.`);
    } catch (error) {
      tellProblem("Changing the role", error);
    }
    await queries.invalidateQueries({ queryKey: ["users"] });
  };
  const isDisabled = user.disabled_at !== null;
  return (
    <Table.Tr>
      <Table.Td maw={240}>
        <Group gap={6} wrap="nowrap">
          <span className="ml-text">{user.name}</span>
          {isOwn && <Badge>you</Badge>}
          {isDisabled && <Badge color="gray">disabled</Badge>}
        </Group>
      </Table.Td>
      <Table.Td w={280}>
        {isOwn ? (
          user.role
        ) : (
          <Select
            aria-label={`Role of ${user.name}`}
            data={[...ROLES]}
            value={user.role}
            disabled={isDisabled}
            onChange={(next) => next && void setRole(next as Role)}
          />
        )}
      </Table.Td>
      <Table.Td maw={260}>
        <div className="ml-text">
          {user.role === "member" ? Object.keys(user.projects).join(", ") || "none yet" : "all"}
        </div>
      </Table.Td>
      <Table.Td className="ml-number">{formatDate(user.created_at)}</Table.Td>
      <Table.Td>{!isOwn && <UserMenu user={user} />}</Table.Td>
    </Table.Tr>
  );
}

function UserMenu({ user }: { user: User }) {
  const [open, setOpen] = useState<"password" | "disable" | "again" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${user.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {user.disabled_at === null ? (
            <>
              <Menu.Item leftSection={<IconKey size={15} />} onClick={() => setOpen("password")}>
                Set another password
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconUserOff size={15} />}
                onClick={() => setOpen("disable")}
              >
                Disable
              </Menu.Item>
            </>
          ) : (
            <Menu.Item leftSection={<IconLockOpen size={15} />} onClick={() => setOpen("again")}>
              Let in again
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === "password" && <PasswordModal name={user.name} isOwn={false} onClose={close} />}
      {open === "again" && <NewUser again={user} onClose={close} />}
      {open === "disable" && <Disable name={user.name} onClose={close} />}
    </>
  );
}

function Disable({ name, onClose }: { name: string; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <TypedConfirmation
      title={`Disable ${name}`}
      word={name}
      submitLabel="Disable"
      what="Disabling the user"
      onClose={onClose}
      onConfirm={async () => {
        await client.DELETE("/api/modellab/users/{name}", { params: { path: { name } } });
        for (const noun of ["users", "keys"]) void queries.invalidateQueries({ queryKey: [noun] });
        tellDone(`${name} is shut out.`);
      }}
    >
      <Text size="sm">
        Sessions of {name} end at once and the keys are revoked for good. What {name} recorded stays. The user
        can be let in again, with new keys.
      </Text>
    </TypedConfirmation>
  );
}
