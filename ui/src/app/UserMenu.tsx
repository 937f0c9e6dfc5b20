import { ActionIcon, Menu } from "@mantine/core";
import { IconKey, IconLogout, IconUser } from "@tabler/icons-react";
import { Link } from "react-router";
import { request } from "~/api/client";
import { useMe } from "./me";

/** Who is logged in; nothing on a server without a login. */
export function UserMenu() {
  const { data: me } = useMe();
  if (!me?.login) return null;
  const logOut = async () => {
    await request("/api/modellab/logout", { method: "POST" });
    window.location.reload();
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`Logged in as ${me.name}`}>
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name} · {me.role}
        </Menu.Label>
        <Menu.Item leftSection={<IconKey size={16} />} component={Link} to="/settings/keys">
          API keys
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={logOut}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
