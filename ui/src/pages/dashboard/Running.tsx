import { Anchor, Progress, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { Sparkline } from "~/charts/Sparkline";
import { Section } from "~/components/Page";
import { RunLink } from "~/components/RunLink";
import { countOf, formatCount, formatNumber } from "~/format/number";
import { progressOf, sayProgress, sayTimeLeft } from "~/format/progress";
import { colorOf } from "~/format/run";
import { formatDuration } from "~/format/time";
import { useLink } from "~/state/address";
import { secondsSince, useNow } from "~/state/clock";
import { useShortCurves, useTotals } from "./queries";
import classes from "./Running.module.css";
import { chooseMetrics, MAX_RUNS, type Overview, type RunningRun, type ShortCurve } from "./running";

/** What runs now: its newest values, how they went, how far it is. */
export function Running({ overview }: { overview: Overview }) {
  const link = useLink();
  const all = overview.n_by_status.running ?? 0;
  const shown = overview.running.slice(0, MAX_RUNS);
  const headline = useMemo(() => new Set(overview.best.map(({ metric }) => metric)), [overview.best]);
  const chosen = shown.map((run) => ({ run, metrics: chooseMetrics(run, headline) }));
  const runIds = shown.map(({ run_id }) => run_id);
  const curves = useShortCurves(runIds, [...new Set(chosen.flatMap(({ metrics }) => metrics))].sort());
  const totals = useTotals(runIds);
  return (
    <Section
      title="Running now"
      actions={
        all > shown.length && (
          <Anchor component={Link} size="sm" to={link("/runs", { q: 'status = "running"' })}>
            All {formatCount(all)}
          </Anchor>
        )
      }
    >
      {shown.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing runs at the moment. A run appears here as it starts.
        </Text>
      ) : (
        <Stack gap={0}>
          {chosen.map(({ run, metrics }) => (
            <RunningRow
              key={run.run_id}
              run={run}
              metrics={metrics}
              curves={curves.data?.get(run.run_id)}
              params={totals.data?.get(run.run_id) ?? {}}
            />
          ))}
        </Stack>
      )}
    </Section>
  );
}

interface RunningRowProps {
  run: RunningRun;
  metrics: readonly string[];
  curves: ReadonlyMap<string, ShortCurve> | undefined;
  params: Readonly<Record<string, unknown>>;
}

function RunningRow({ run, metrics, curves, params }: RunningRowProps) {
  const values = new Map(run.values.map(({ metric, value }) => [metric, value]));
  const others = run.n_metrics - metrics.length;
  return (
    <div className={classes.row}>
      <div className={classes.run}>
        <RunLink run={run} />
        <HowFar run={run} params={params} />
      </div>
      <div className={classes.metrics}>
        {metrics.map((metric) => (
          <div key={metric} className={classes.metric}>
            <Text size="xs" c="dimmed" className="ml-text" title={metric}>
              {metric}
            </Text>
            <div className={classes.value}>
              <Sparkline
                values={curves?.get(metric)?.values ?? []}
                label={metric}
                color={colorOf(run.run_id)}
              />
              <span className="ml-number">{formatNumber(values.get(metric))}</span>
            </div>
          </div>
        ))}
        {metrics.length === 0 && (
          <Text size="sm" c="dimmed">
            no metrics yet
          </Text>
        )}
        {others > 0 && (
          <Text size="xs" c="dimmed" className={classes.others}>
            and {countOf(others, "more metric")}
          </Text>
        )}
      </div>
    </div>
  );
}

/** How long it has been running; progress and time left where a param says where it ends. */
function HowFar({ run, params }: { run: RunningRun; params: Readonly<Record<string, unknown>> }) {
  // The clock of the machine that trains may be ahead of this one.
  const seconds = secondsSince(run.started_at, useNow());
  const progress = progressOf(params, run.last_step, seconds);
  const elapsed = `for ${formatDuration(Math.floor(seconds))}`;
  if (progress === null)
    return (
      <Text size="xs" c="dimmed">
        {run.last_step === null ? elapsed : `step ${formatCount(run.last_step)}, ${elapsed}`}
      </Text>
    );
  const said = sayProgress(progress);
  const left = sayTimeLeft(progress);
  return (
    <div>
      <Progress.Root size="sm" my={3}>
        <Progress.Section value={progress.fraction * 100} aria-label={said} />
      </Progress.Root>
      <Text size="xs" c="dimmed">
        {said}, {elapsed}
        {left !== null && `, ${left}`}
      </Text>
    </div>
  );
}
