import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { Section } from "~/components/Page";
import { RunLink } from "~/components/RunLink";
import { countOf, formatNumber } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { useLink } from "~/state/address";
import classes from "./Results.module.css";
import type { Overview } from "./running";

const MAX_FAILED = 6;

/** The best values so far, those that were reached last first. */
export function BestResults({ best }: { best: Overview["best"] }) {
  const link = useLink();
  if (best.length === 0) return null;
  return (
    <Section
      title="Best results"
      actions={
        <Anchor component={Link} size="sm" to={link("/leaderboard")}>
          Leaderboard
        </Anchor>
      }
    >
      <Stack gap={0}>
        {best.map((result) => (
          <div key={result.metric} className={classes.row}>
            <Text size="sm" component="div" className="ml-wrap">
              {result.metric} <strong>{formatNumber(result.value)}</strong>
              {result.previous !== null && (
                <Text span size="sm" c="dimmed">
                  , {result.higher_is_better ? "up" : "down"} from {formatNumber(result.previous)}
                </Text>
              )}
            </Text>
            <div className={classes.by}>
              <RunLink run={result} />
              <Text size="xs" c="dimmed" title={formatMoment(result.at)} className={classes.when}>
                {result.n_runs > 1 ? `best of ${countOf(result.n_runs, "run")}, ` : "the only run, "}
                {formatAgo(result.at)}
              </Text>
            </div>
          </div>
        ))}
      </Stack>
      <Text size="xs" c="dimmed">
        The best of many runs is partly luck: the leaderboard shows intervals and ties.
      </Text>
    </Section>
  );
}

/** What failed lately, and why. */
export function FailedRuns({ failed, total }: { failed: Overview["failed"]; total: number }) {
  const link = useLink();
  return (
    <Section
      title="Failed lately"
      actions={
        total > 0 && (
          <Anchor component={Link} size="sm" to={link("/runs", { q: 'status = "failed"' })}>
            All {total}
          </Anchor>
        )
      }
    >
      {failed.length === 0 ? (
        <Text size="sm" c="dimmed">
          No run has failed.
        </Text>
      ) : (
        <Stack gap={0}>
          {failed.slice(0, MAX_FAILED).map((run) => (
            <div key={run.run_id} className={classes.row}>
              <div className={classes.by}>
                <RunLink run={run} />
                <Text size="xs" c="dimmed" title={formatMoment(run.ended_at)} className={classes.when}>
                  {formatAgo(run.ended_at)}
                </Text>
              </div>
              <Text
                size="xs"
                c="var(--ml-worse)"
                className={`ml-mono ${classes.error}`}
                title={run.error ?? ""}
              >
                {run.error ?? "It ended without saying why: killed, or its machine went away."}
              </Text>
            </div>
          ))}
        </Stack>
      )}
    </Section>
  );
}
