import { Button, CopyButton, Stack } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useMemo } from "react";
import { CodeBlock } from "~/components/CodeBlock";
import { type Fact, Facts } from "~/components/Facts";
import { EmptyState } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { type SearchColumn, SearchTable } from "~/components/SearchTable";
import type { TabProps } from "../tabs";
import { type Package, readDevice, readPackages } from "./environment";

const COLUMNS: SearchColumn<Package>[] = [
  { label: "Package", width: "minmax(140px, 1fr)", cell: ({ name }) => <span title={name}>{name}</span> },
  {
    label: "Version",
    width: "minmax(120px, 2fr)",
    cell: ({ version }) => (
      <span className="ml-mono" title={version}>
        {version}
      </span>
    ),
  },
];

/** What the run ran on: machine, Python and packages. */
export default function EnvironmentTab({ run }: TabProps) {
  const packages = useMemo(() => readPackages(run.pip_freeze), [run.pip_freeze]);
  const told: (Fact | null)[] = [
    run.python_version === null ? null : { label: "Python", value: run.python_version },
    run.hostname === null ? null : { label: "Host", value: run.hostname },
    run.user === null ? null : { label: "User", value: run.user },
    ...readDevice(run.device_info),
  ];
  const facts = told.filter((fact) => fact !== null);
  if (facts.length === 0 && packages.length === 0 && run.command === null)
    return (
      <EmptyState title="No environment was recorded">
        A run that a ModelLab process writes records Python, packages and machine; one that was made over HTTP
        has what its maker told.
      </EmptyState>
    );
  return (
    <Stack gap="lg">
      <Facts isSmall facts={facts} />
      {run.command !== null && (
        <Section title="Command">
          <CodeBlock code={run.command} label="Copy the command" />
        </Section>
      )}
      {packages.length > 0 && (
        <Section title="Packages" actions={<CopyPins text={run.pip_freeze ?? ""} />}>
          <SearchTable
            label="Packages"
            noun="package"
            items={packages}
            columns={COLUMNS}
            keyOf={({ name, version }) => `${name} ${version}`}
            textOf={({ name, version }) => `${name} ${version}`}
            maxHeight={560}
          />
        </Section>
      )}
    </Stack>
  );
}

function CopyPins({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="default" leftSection={<IconCopy size={14} />} onClick={copy}>
          {copied ? "Copied" : "Copy as requirements"}
        </Button>
      )}
    </CopyButton>
  );
}
