/** What stands where there is nothing to show yet, nothing at all, or something went wrong. */

import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "~/api/client";
import { CodeBlock } from "./CodeBlock";

/** Grey lines in the place of what is being read. */
export function Loading({ lines = 6, height = 18 }: { lines?: number; height?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no identity
        <Skeleton key={at} height={height} width={`${100 - ((at * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

interface EmptyStateProps {
  title: string;
  children?: ReactNode;
  /** What to type next; can be copied. */
  code?: string;
  action?: ReactNode;
}

/** Nothing here yet, and what to do about it. */
export function EmptyState({ title, children, code, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="md" py="xl" px="md" ta="center">
      <Title order={2}>{title}</Title>
      {children && (
        <Text c="dimmed" maw={560} component="div">
          {children}
        </Text>
      )}
      {code !== undefined && (
        <div style={{ width: "100%", maxWidth: 620, textAlign: "left" }}>
          <CodeBlock code={code} />
        </div>
      )}
      {action}
    </Stack>
  );
}

interface ErrorStateProps {
  error: unknown;
  /** What was being done: "Reading the runs". */
  what: string;
  retry?: () => void;
}

/** What went wrong, what to do about it, and the id under which the server's log has more. */
export function ErrorState({ error, what, retry }: ErrorStateProps) {
  const problem = error instanceof Problem ? error : null;
  const detail = problem?.detail ?? (error instanceof Error ? error.message : String(error));
  return (
    <Alert color="red" variant="light" title={`${what} did not work`} role="alert" my="sm">
      <Text size="sm" className="ml-wrap">
        {detail}
      </Text>
      {problem?.hint && (
        <Text size="sm" mt={4} style={{ whiteSpace: "pre-wrap" }} className="ml-wrap">
          {problem.hint}
        </Text>
      )}
      <Group mt="sm" gap="md">
        {retry && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
        {problem?.status === 404 && (
          <Anchor href="#/" c="inherit" underline="always">
            To the dashboard
          </Anchor>
        )}
        {problem?.requestId && (
          <Text size="xs" c="dimmed" className="ml-mono">
            Request {problem.requestId}
          </Text>
        )}
      </Group>
    </Alert>
  );
}
