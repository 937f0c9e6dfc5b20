import { Alert, Anchor, Button, CopyButton, Group, Stack, Text } from "@mantine/core";
import { IconCopy, IconDownload } from "@tabler/icons-react";
import { CodeBlock } from "~/components/CodeBlock";
import { CopyIcon } from "~/components/CopyIcon";
import { DiffView } from "~/components/DiffView";
import { Facts } from "~/components/Facts";
import { EmptyState } from "~/components/Feedback";
import { Section } from "~/components/Page";
import type { TabProps } from "../tabs";

/** What code it was: the commit, and what was not committed. */
export default function CodeTab({ run }: TabProps) {
  if (run.git_hash === null && !run.git_diff && run.command === null && run.function === null)
    return (
      <EmptyState
        title="No code was recorded"
        code={"cd my-project && git init && git add . && git commit -m 'Start'\npython train.py"}
      >
        A run that starts inside of a Git repository records its commit, its branch, and what was not
        committed.
      </EmptyState>
    );
  return (
    <Stack gap="lg">
      <Facts
        isSmall
        facts={[
          run.git_hash !== null ? { label: "Commit", value: <Commit hash={run.git_hash} /> } : null,
          run.git_branch !== null ? { label: "Branch", value: run.git_branch } : null,
          run.git_dirty !== null ? { label: "Working tree", value: <Tree isDirty={run.git_dirty} /> } : null,
          run.function !== null ? { label: "Function", value: run.function } : null,
        ]}
      />
      {run.command !== null && <CodeBlock code={run.command} label="Copy the command" />}
      <Uncommitted run={run} />
    </Stack>
  );
}

function Commit({ hash }: { hash: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <span className="ml-mono ml-wrap">{hash}</span>
      <CopyIcon value={hash} label="Copy the commit" />
    </Group>
  );
}

function Tree({ isDirty }: { isDirty: boolean }) {
  return isDirty ? (
    <span style={{ color: "var(--ml-warn)" }}>with changes that were not committed</span>
  ) : (
    "all committed"
  );
}

function Uncommitted({ run }: TabProps) {
  if (run.git_diff)
    return (
      <Section title="What was not committed" actions={<DiffActions diff={run.git_diff} id={run.run_id} />}>
        <DiffView diff={run.git_diff} />
      </Section>
    );
  if (run.git_dirty)
    return (
      <Alert color="yellow" title="What was not committed is not known">
        Something in the working tree differed from the commit, and the run recorded no diff of it.
      </Alert>
    );
  if (run.git_hash === null) return null;
  return (
    <Text size="sm" c="dimmed">
      Everything was committed: the commit is all there is to the code.
    </Text>
  );
}

function DiffActions({ diff, id }: { diff: string; id: string }) {
  return (
    <Group gap="sm">
      <CopyButton value={diff}>
        {({ copied, copy }) => (
          <Button variant="default" leftSection={<IconCopy size={14} />} onClick={copy}>
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
      <Anchor
        href={`data:text/x-diff;charset=utf-8,${encodeURIComponent(diff)}`}
        download={`${id}.diff`}
        size="sm"
      >
        <Group gap={4}>
          <IconDownload size={14} aria-hidden="true" />
          Download
        </Group>
      </Anchor>
    </Group>
  );
}
