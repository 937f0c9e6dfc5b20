import { Tabs } from "@mantine/core";
import type { ComponentType } from "react";
import { useNavigate, useParams } from "react-router";
import { Page } from "~/components/Page";
import { TabRow } from "~/components/TabRow";
import { useLink } from "~/state/address";
import { Appearance } from "./Appearance";
import { AuditLog } from "./AuditLog";
import { Keys } from "./Keys";
import { Server } from "./Server";
import { Storage } from "./Storage";
import { Users } from "./Users";

const SECTIONS: readonly { value: string; label: string; Content: ComponentType }[] = [
  { value: "appearance", label: "Appearance", Content: Appearance },
  { value: "users", label: "Users", Content: Users },
  { value: "keys", label: "API keys", Content: Keys },
  { value: "storage", label: "Storage", Content: Storage },
  { value: "server", label: "Server", Content: Server },
  { value: "audit", label: "Audit log", Content: AuditLog },
];

export default function SettingsPage() {
  const { section = "appearance" } = useParams();
  const navigate = useNavigate();
  const link = useLink();
  const current = SECTIONS.find(({ value }) => value === section) ?? SECTIONS[0];
  return (
    <Page title="Settings">
      <Tabs value={current?.value ?? null} onChange={(next) => navigate(link(`/settings/${next}`))}>
        <TabRow open={current?.value ?? null}>
          {SECTIONS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </TabRow>
        {SECTIONS.map(({ value, Content }) => (
          <Tabs.Panel key={value} value={value} pt="md">
            <Content />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
