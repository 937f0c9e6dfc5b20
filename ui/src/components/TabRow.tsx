import { Tabs } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./TabRow.module.css";

/** The tabs of a page in one row; on a phone it scrolls, and the open one is brought into sight. */
export function TabRow({ open, children }: { open: string | null; children: ReactNode }) {
  const row = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab may lie beside the screen
  useEffect(() => {
    row.current?.querySelector("[data-active]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [open]);
  return (
    <div ref={row} className={classes.row}>
      <Tabs.List className={classes.list}>{children}</Tabs.List>
    </div>
  );
}
