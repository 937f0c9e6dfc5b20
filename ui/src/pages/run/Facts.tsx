import { ActionIcon, CopyButton, Group, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Facts.module.css";

export type Fact = readonly [label: string, value: ReactNode, how?: { copy?: boolean }];

/** Short facts, each under its name; those that are not known are left out. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return (
    <dl className={classes.facts}>
      {known.map(([label, value, how]) => (
        <div key={label} className={classes.fact}>
          <dt>{label}</dt>
          <dd className="ml-wrap">
            {how?.copy && typeof value === "string" ? <Copyable text={value} label={label} /> : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <span className="ml-mono ml-wrap">{text}</span>
      <CopyIcon value={text} label={`Copy: ${label.toLowerCase()}`} />
    </Group>
  );
}

/** A small button that copies a text. */
export function CopyIcon({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : label}>
          <ActionIcon size="sm" onClick={copy} aria-label={copied ? "Copied" : label}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
