import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page } from "~/components/Page";
import { quoteText } from "~/format/query";
import { useLink } from "~/state/address";
import { useFields } from "../compare/explore/queries";
import { joinQueries, readTyped } from "../compare/pick/typed";
import { useLeaderboardAddress } from "./address";
import { chooseMetric, listSplits, sortMetrics } from "./choices";
import { FinalBoard } from "./FinalBoard";
import { JudgedBoard } from "./JudgedBoard";
import { LeaderboardControls } from "./LeaderboardControls";
import { type Asked, useFollowRuns } from "./queries";

/** The best runs by a metric, with intervals, and which of them cannot be told apart. */
export default function LeaderboardPage() {
  const { metric: wanted, split, typed, topK, order, project } = useLeaderboardAddress();
  const fields = useFields(project);
  useFollowRuns();
  if (fields.isError)
    return (
      <Page title="Leaderboard">
        <ErrorState error={fields.error} what="Reading the metrics" retry={() => fields.refetch()} />
      </Page>
    );
  if (fields.isPending)
    return (
      <Page title="Leaderboard">
        <Loading />
      </Page>
    );
  const names = fields.data.metrics.map((metric) => metric.name);
  const choices = sortMetrics(names, split);
  const metric = wanted ?? chooseMetric(choices);
  const query = joinQueries(readTyped(typed), project === null ? null : `project_id = ${quoteText(project)}`);
  const isHighBetter = fields.data.metrics.find(({ name }) => name === metric)?.higher_is_better ?? null;
  const asked: Asked | null = metric === null ? null : { metric, split, query, topK, order, isHighBetter };
  return (
    <Page title="Leaderboard">
      <LeaderboardControls choices={choices} splits={listSplits(names)} metric={metric} />
      {asked === null ? (
        <NoMetrics />
      ) : choices.evaluated.includes(asked.metric) ? (
        <JudgedBoard asked={asked} />
      ) : (
        <FinalBoard asked={asked} />
      )}
    </Page>
  );
}

function NoMetrics() {
  const link = useLink();
  return (
    <EmptyState
      title="Nothing to rank yet"
      code={
        'with modellab.start_run("svm") as run:\n    run.log_evaluation(predictions=predictions, labels=labels)'
      }
      action={
        <Anchor component={Link} to={link("/runs")}>
          To the runs
        </Anchor>
      }
    >
      <Text>
        Runs are ranked by a metric. With an evaluation they have intervals, and it is said which of them
        cannot be told apart.
      </Text>
    </EmptyState>
  );
}
