import { Anchor, Button, Group, Loader, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconArrowsDiff, IconFilter } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { Link } from "react-router";
import { client, unwrap } from "~/api/client";
import { ErrorState } from "~/components/Feedback";
import { RunLink } from "~/components/RunLink";
import { countOf } from "~/format/number";
import { useLink } from "~/state/address";
import classes from "./Assistant.module.css";
import type { Answer } from "./ask";
import { conversation, type Exchange } from "./conversation";

const MAX_CHIPS = 12;
/** The most runs that the page of comparisons takes. */
const MAX_COMPARED = 50;

interface ExchangeProps {
  exchange: Exchange;
  isLast: boolean;
  isAsking: boolean;
  notes: readonly string[];
}

/** A question and its answer, with the runs that it cites and what can be done with them. */
export const ExchangeView = memo(function ExchangeView({ exchange, isLast, isAsking, notes }: ExchangeProps) {
  const { question, text, calls, answer, error, isStopped } = exchange;
  return (
    <Stack gap={6}>
      <Text className={`${classes.question} ml-wrap`}>{question}</Text>
      {isAsking && text === "" && (
        <Group gap={8} wrap="nowrap">
          <Loader size={14} />
          <Text size="xs" c="dimmed">
            {calls.length === 0 ? "Reading the question" : `Asked ${calls.join(", ")}`}
          </Text>
        </Group>
      )}
      {text !== "" && <Text className={`${classes.answer} ml-wrap`}>{text}</Text>}
      {isStopped && (
        <Text size="sm" c="dimmed">
          Stopped.
        </Text>
      )}
      {error !== null && (
        <ErrorState error={error} what="Answering" retry={isLast ? () => conversation.retry() : undefined} />
      )}
      {answer !== null && <Evidence answer={answer} isLast={isLast} notes={notes} />}
    </Stack>
  );
});

interface EvidenceProps {
  answer: Answer;
  isLast: boolean;
  notes: readonly string[];
}

function Evidence({ answer, isLast, notes }: EvidenceProps) {
  const link = useLink();
  const runs = answer.used_run_ids;
  const calls = answer.tool_calls ?? [];
  return (
    <>
      <RunChips runIds={runs} />
      <Group gap={6}>
        {answer.query && (
          <Button
            component={Link}
            to={link("/runs", { q: answer.query })}
            size="compact-xs"
            variant="default"
            leftSection={<IconFilter size={13} />}
          >
            Apply as filter
          </Button>
        )}
        {runs.length > 1 && (
          <Button
            component={Link}
            to={link("/compare", { run: runs.slice(0, MAX_COMPARED) })}
            size="compact-xs"
            variant="default"
            leftSection={<IconArrowsDiff size={13} />}
          >
            Compare them
          </Button>
        )}
      </Group>
      {notes.map((note) => (
        <Text key={note} size="xs" c="dimmed" className="ml-wrap">
          {note}
        </Text>
      ))}
      <details className={classes.how}>
        <summary>
          By {answer.generated_by ?? "rules"}, from {countOf(calls.length, "question")} to the API
        </summary>
        <ul>
          {calls.map((call, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same call may come twice
            <li key={at} className="ml-wrap ml-mono">
              {call.name} {JSON.stringify(call.arguments)}
              {call.error && `: ${call.error}`}
            </li>
          ))}
        </ul>
      </details>
      {isLast && <QuestionChips questions={answer.suggestions ?? []} />}
    </>
  );
}

/** The runs of an answer, by name, leading to their pages. */
function RunChips({ runIds }: { runIds: readonly string[] }) {
  const shown = runIds.slice(0, MAX_CHIPS);
  const named = useQuery({
    queryKey: ["runs", "names", shown],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/modellab/table", { params: { query: { run_ids: [...shown] } }, signal })),
    enabled: shown.length > 0,
    placeholderData: keepPreviousData,
  });
  if (shown.length === 0) return null;
  const names = new Map(named.data?.rows.map((run) => [run.run_id, run.name]));
  return (
    <Group gap={6} component="ul" className={classes.chips} aria-label="Runs of the answer">
      {shown.map((runId) => (
        <li key={runId} className={classes.chip}>
          <RunLink run={{ run_id: runId, name: names.get(runId) ?? null }} />
        </li>
      ))}
      {runIds.length > shown.length && (
        <Text component="li" size="xs" c="dimmed">
          and {runIds.length - shown.length} more
        </Text>
      )}
    </Group>
  );
}

/** Questions that are asked by a press. */
export function QuestionChips({ questions }: { questions: readonly string[] }) {
  return (
    <Stack gap={4} align="flex-start">
      {questions.map((question) => (
        <UnstyledButton key={question} onClick={() => void conversation.ask(question)}>
          <Anchor component="span" size="sm">
            {question}
          </Anchor>
        </UnstyledButton>
      ))}
    </Stack>
  );
}
