import { Anchor, Grid, Stack } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";
import { Link } from "react-router";
import { DayBars } from "~/components/DayBars";
import { Facts } from "~/components/Facts";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page, Section } from "~/components/Page";
import { formatBytes, formatCount } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { useLink, useProject } from "~/state/address";
import { useOverview } from "./queries";
import { BestResults, FailedRuns } from "./Results";
import { Running } from "./Running";
import type { Overview } from "./running";

// Brings the dropzone, which nobody needs on a dashboard with runs.
const FirstVisit = lazy(() => import("./FirstVisit"));

export default function DashboardPage() {
  const project = useProject();
  const found = useOverview(project);
  return (
    <Page title="Dashboard">
      {found.isPending ? (
        <Loading lines={8} />
      ) : found.isError ? (
        <ErrorState error={found.error} what="Reading the overview" retry={() => void found.refetch()} />
      ) : (
        <Content overview={found.data} project={project} />
      )}
    </Page>
  );
}

function Content({ overview, project }: { overview: Overview; project: string | null }) {
  if (overview.n_runs === 0 && project !== null)
    return (
      <EmptyState
        title="No runs in this project"
        code={`with modellab.start_run(project_id=${JSON.stringify(project)}) as run:\n    run.log_metrics({"accuracy": 0.91})`}
      >
        Runs belong to a project when they name its id.
      </EmptyState>
    );
  if (overview.n_runs === 0)
    return (
      <Suspense fallback={<Loading />}>
        <FirstVisit />
      </Suspense>
    );
  return (
    <Stack gap="lg">
      <Counts overview={overview} isOfProject={project !== null} />
      <Running overview={overview} />
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <BestResults best={overview.best} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="lg">
            <FailedRuns failed={overview.failed} total={overview.n_by_status.failed ?? 0} />
            <Section title="Runs by day">
              <DayBars days={overview.days} />
            </Section>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Counts({ overview, isOfProject }: { overview: Overview; isOfProject: boolean }) {
  const link = useLink();
  const runs = (status: string) => link("/runs", { q: `status = "${status}"` });
  const { n_by_status: counts, last_activity_at: last } = overview;
  return (
    <Facts
      facts={[
        { label: "Runs", value: <To to={link("/runs")}>{formatCount(overview.n_runs)}</To> },
        { label: "Running", value: <To to={runs("running")}>{formatCount(counts.running ?? 0)}</To> },
        { label: "Failed", value: <To to={runs("failed")}>{formatCount(counts.failed ?? 0)}</To> },
        { label: "Datasets", value: <To to={link("/datasets")}>{formatCount(overview.n_datasets)}</To> },
        isOfProject
          ? null
          : { label: "Projects", value: <To to={link("/projects")}>{formatCount(overview.n_projects)}</To> },
        {
          label: "Kept files",
          value: <To to={link("/settings/storage")}>{formatBytes(overview.n_bytes)}</To>,
        },
        { label: "Last activity", value: <span title={formatMoment(last)}>{formatAgo(last)}</span> },
      ]}
    />
  );
}

function To({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={to} inherit c="inherit">
      {children}
    </Anchor>
  );
}
