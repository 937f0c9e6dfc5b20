import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** What to know before believing what follows: calm, but seen. */
export function Caution({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Alert
      color="gray"
      variant="light"
      title={title}
      icon={<IconAlertTriangle color="var(--ml-warn)" />}
      styles={{ title: { color: "var(--ml-warn)" } }}
    >
      {children}
    </Alert>
  );
}
