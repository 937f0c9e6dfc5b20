import { ActionIcon, Badge, Group, ScrollArea, Stack, Text, Title, Tooltip } from "@mantine/core";
import { IconEraser, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { client, unwrap } from "~/api/client";
import classes from "./Assistant.module.css";
import { conversation, listNewNotes, useConversation } from "./conversation";
import { ExchangeView, QuestionChips } from "./ExchangeView";
import { QuestionField } from "./QuestionField";

/** Below Mantine's breakpoint `md` the panel lies over the page, and so over what its links lead to. */
const COVERS = "(max-width: 61.99em)";

/** Questions about runs in plain words, beside whatever page is open. */
export default function AssistantPanel({
  onClose,
  takesFocus,
}: {
  onClose: () => void;
  takesFocus: boolean;
}) {
  const { exchanges, isAsking } = useConversation();
  const end = useRef<HTMLDivElement>(null);
  const last = exchanges.at(-1);
  const lengthShown = `${exchanges.length} ${last?.text.length} ${last?.answer != null} ${last?.error != null}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what comes last is kept in sight as it grows
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [lengthShown]);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const shown = panel.current;
    const uncover = (event: MouseEvent) => {
      const isLink = event.target instanceof Element && event.target.closest("a[href]") !== null;
      if (isLink && window.matchMedia(COVERS).matches) onClose();
    };
    shown?.addEventListener("click", uncover);
    return () => shown?.removeEventListener("click", uncover);
  }, [onClose]);
  return (
    <section ref={panel} aria-label="Assistant" className={classes.panel}>
      <Group justify="space-between" px="sm" py={6} wrap="nowrap">
        <Title order={2}>Assistant</Title>
        <Group gap={2} wrap="nowrap">
          <Tooltip label="Forget this conversation">
            <ActionIcon
              aria-label="Forget this conversation"
              disabled={exchanges.length === 0}
              onClick={() => conversation.clear()}
            >
              <IconEraser size={17} />
            </ActionIcon>
          </Tooltip>
          <ActionIcon aria-label="Close the assistant" onClick={onClose}>
            <IconX size={17} />
          </ActionIcon>
        </Group>
      </Group>
      <ScrollArea className={classes.exchanges} viewportProps={{ tabIndex: 0, "aria-label": "Conversation" }}>
        <Stack gap="md" px="sm" pb="sm" aria-live="polite">
          {exchanges.length === 0 && <Beginning />}
          {exchanges.map((exchange, at) => (
            <ExchangeView
              // biome-ignore lint/suspicious/noArrayIndexKey: exchanges are only added at the end
              key={at}
              exchange={exchange}
              isLast={at === exchanges.length - 1}
              isAsking={isAsking && at === exchanges.length - 1}
              notes={listNewNotes(exchanges, at)}
            />
          ))}
          <div ref={end} />
        </Stack>
      </ScrollArea>
      <QuestionField
        isAsking={isAsking}
        asked={exchanges.map(({ question }) => question)}
        takesFocus={takesFocus}
        onClose={onClose}
      />
    </section>
  );
}

/** Who answers, and questions to begin with. */
function Beginning() {
  const state = useQuery({
    queryKey: ["assistant"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/modellab/agent", { signal })),
  });
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Ask about your runs. Every number and run in an answer comes from the API; “better” is said only where
        the comparison says so.
      </Text>
      {state.data && (
        <>
          <Group gap={6}>
            <Badge color="gray">
              {state.data.generated_by === "rules"
                ? "answers by rules"
                : `answers by ${state.data.generated_by}`}
            </Badge>
            {state.data.may_write && <Badge color="gray">may write notes and flag runs when told to</Badge>}
          </Group>
          {state.data.note && (
            <Text size="xs" c="dimmed" className="ml-wrap">
              {state.data.note}
            </Text>
          )}
          <QuestionChips questions={state.data.examples} />
        </>
      )}
    </Stack>
  );
}
