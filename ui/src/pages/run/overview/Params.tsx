import { Badge, Button, CopyButton, Group, Text } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useMemo } from "react";
import { CopyIcon } from "~/components/CopyIcon";
import { JsonTree } from "~/components/JsonTree";
import { Section } from "~/components/Page";
import { type SearchColumn, SearchTable } from "~/components/SearchTable";
import { useRun, type WholeRun } from "../queries";

interface Param {
  name: string;
  text: string;
  isOther: boolean;
}

const COLUMNS: SearchColumn<Param>[] = [
  {
    label: "Param",
    width: "minmax(110px, 2fr)",
    cell: ({ name }) => <span title={name}>{name}</span>,
  },
  {
    label: "Value",
    width: "minmax(120px, 3fr)",
    cell: ({ text, isOther }) => (
      <Group gap="xs" wrap="nowrap">
        <span className="ml-text ml-mono" title={text.slice(0, 2000)}>
          {text}
        </span>
        {isOther && (
          <Badge color="yellow" style={{ flexShrink: 0 }}>
            not as in the parent
          </Badge>
        )}
      </Group>
    ),
  },
  {
    label: "Copy",
    isLabelHidden: true,
    width: "24px",
    cell: ({ name, text }) => <CopyIcon value={text} label={`Copy the value of ${name.slice(0, 60)}`} />,
  },
];

/** What the run was given. */
export function Params({ run }: { run: WholeRun }) {
  const parent = useRun(run.parent_id);
  const params = useMemo(() => listParams(run.params, parent.data?.params), [run.params, parent.data]);
  return (
    <Section title="Params">
      {params.length === 0 ? (
        <Text size="sm" c="dimmed">
          The run recorded no params. <code>run.log_params(&#123;"lr": 0.01&#125;)</code> does, and{" "}
          <code>@log_run</code> records arguments by itself.
        </Text>
      ) : (
        <SearchTable
          label="Params"
          noun="param"
          items={params}
          columns={COLUMNS}
          keyOf={({ name }) => name}
          textOf={({ name, text }) => `${name} ${text}`}
          actions={<CopyAll value={run.params} />}
        />
      )}
    </Section>
  );
}

function listParams(params: WholeRun["params"], parent: WholeRun["params"] | undefined): Param[] {
  const before = parent && new Map(Object.entries(parent).map(([name, value]) => [name, textOf(value)]));
  return Object.entries(params).map(([name, value]) => {
    const text = textOf(value);
    return { name, text, isOther: before?.has(name) === true && before.get(name) !== text };
  });
}

/** A text as it is, anything else as JSON. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function CopyAll({ value }: { value: unknown }) {
  return (
    <CopyButton value={JSON.stringify(value, null, 2)}>
      {({ copied, copy }) => (
        <Button variant="default" leftSection={<IconCopy size={14} />} onClick={copy}>
          {copied ? "Copied" : "Copy as JSON"}
        </Button>
      )}
    </CopyButton>
  );
}

/** The config, whose parts fold; nothing where there is none. */
export function Config({ config }: { config: WholeRun["config"] }) {
  if (Object.keys(config).length === 0) return null;
  return (
    <Section title="Config" actions={<CopyAll value={config} />}>
      <div style={{ maxHeight: 480, overflow: "auto" }}>
        <JsonTree value={config} />
      </div>
    </Section>
  );
}
