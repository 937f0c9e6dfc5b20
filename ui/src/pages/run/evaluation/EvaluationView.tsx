import { Alert, Badge, Group, Stack, Tabs, Text } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useCallback } from "react";
import { Loading } from "~/components/Feedback";
import { TabRow } from "~/components/TabRow";
import { countOf, formatCount } from "~/format/number";
import { formatMoment } from "~/format/time";
import { useAddress, useSetAddress } from "~/state/address";
import classes from "./Evaluation.module.css";
import { FailuresPart } from "./FailuresPart";
import { MetricsPart } from "./MetricsPart";
import {
  type ClassName,
  type Evaluation,
  nameClass,
  type Report,
  readReport,
  splitSentences,
} from "./report";
import { SlicesPart } from "./SlicesPart";
import { StressPart } from "./StressPart";

// The plots bring a chart library, which the numbers do not wait for.
const PlotsPart = lazy(() => import("./PlotsPart"));

/** One evaluation: what it says, then its numbers. */
export function EvaluationView({ evaluation, choice }: { evaluation: Evaluation; choice: ReactNode }) {
  const report = readReport(evaluation);
  return (
    <Stack gap="md">
      <Group gap="sm">
        {choice}
        <Badge>{evaluation.task_type}</Badge>
        <Text size="sm" c="dimmed">
          {choice === null && <>{evaluation.name} · </>}
          {countOf(evaluation.n, "row")}
          {evaluation.classes && <> · {countOf(evaluation.classes.length, "class", "classes")}</>} · recorded{" "}
          {formatMoment(evaluation.created_at)}
        </Text>
      </Group>
      <Takeaway text={evaluation.takeaway} />
      {report === null ? (
        <>
          <Alert color="gray" variant="light">
            The whole report is not here: it is still on the way from the machine that made it, or was not
            kept. Metrics and intervals are.
          </Alert>
          <MetricsPart evaluation={evaluation} report={null} />
        </>
      ) : (
        <Parts evaluation={evaluation} report={report} />
      )}
    </Stack>
  );
}

/** Its sentences, a line each: they are read one by one. */
function Takeaway({ text }: { text: string }) {
  return (
    <section aria-label="Takeaway" className={classes.takeaway}>
      {splitSentences(text).map((sentence) => (
        <p key={sentence} className="ml-wrap">
          {sentence}
        </p>
      ))}
    </section>
  );
}

const PARTS = ["metrics", "plots", "slices", "failures", "stress"];

function Parts({ evaluation, report }: { evaluation: Evaluation; report: Report }) {
  const [wanted, setPart] = useAddress("part", "metrics");
  const part = PARTS.includes(wanted) ? wanted : "metrics";
  const setAddress = useSetAddress();
  const { slices, failures, stress } = report;
  const openPair = useCallback(
    (label: ClassName, prediction: ClassName) =>
      setAddress(
        { part: "failures", label: nameClass(label), predicted: nameClass(prediction), category: null },
        { push: true },
      ),
    [setAddress],
  );
  return (
    <Tabs value={part} onChange={(next) => setPart(next, { push: true })} variant="pills">
      <TabRow open={part}>
        <Tabs.Tab value="metrics">Metrics</Tabs.Tab>
        <Tabs.Tab value="plots">{report.classes ? "Confusion and curves" : "Plots"}</Tabs.Tab>
        <Tabs.Tab value="slices">Slices ({formatCount(slices.slices.length)})</Tabs.Tab>
        <Tabs.Tab value="failures">Failures ({formatCount(failures.n_errors)})</Tabs.Tab>
        <Tabs.Tab value="stress">{stress.ran ? "Stress tests" : "Stress tests (not run)"}</Tabs.Tab>
      </TabRow>
      <Tabs.Panel value="metrics" pt="md">
        <MetricsPart evaluation={evaluation} report={report} />
      </Tabs.Panel>
      <Tabs.Panel value="plots" pt="md">
        <Suspense fallback={<Loading />}>
          <PlotsPart report={report} onPair={openPair} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="slices" pt="md">
        <SlicesPart report={slices} whole={evaluation.metrics[slices.metric] ?? null} />
      </Tabs.Panel>
      <Tabs.Panel value="failures" pt="md">
        <FailuresPart report={report} />
      </Tabs.Panel>
      <Tabs.Panel value="stress" pt="md">
        <StressPart report={stress} />
      </Tabs.Panel>
    </Tabs>
  );
}
