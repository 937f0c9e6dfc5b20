import { Anchor, Grid, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { Link, useNavigate, useParams } from "react-router";
import { useRefresh } from "~/api/useRefresh";
import { DayBars } from "~/components/DayBars";
import { Facts } from "~/components/Facts";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page, Section } from "~/components/Page";
import { RunLink } from "~/components/RunLink";
import { RunStatus } from "~/components/RunStatus";
import { TagList } from "~/components/Tags";
import { WideTable } from "~/components/WideTable";
import { formatBytes, formatCount, MISSING } from "~/format/number";
import { formatAgo, formatDuration, formatMoment } from "~/format/time";
import { makeLink, useLink } from "~/state/address";
import { Members } from "./Members";
import { ProjectMenu } from "./ProjectMenu";
import {
  type Project,
  useActivity,
  useProjectById,
  useProjectOverview,
  useRecentDatasets,
  useRecentRuns,
} from "./queries";

export default function ProjectPage() {
  const { projectId = "" } = useParams();
  const found = useProjectById(projectId);
  const navigate = useNavigate();
  useRefresh(["project", projectId]);
  if (found.isPending)
    return (
      <Page title="Project">
        <Loading />
      </Page>
    );
  if (found.isError)
    return (
      <Page title="Project">
        <ErrorState error={found.error} what="Reading the project" retry={() => void found.refetch()} />
        <Text size="sm">
          If it was deleted, it is in the{" "}
          <Anchor
            component={Link}
            to={makeLink("/trash", null, { kind: "project" })}
            size="sm"
            underline="always"
          >
            trash
          </Anchor>
          .
        </Text>
      </Page>
    );
  const project = found.data;
  return (
    <Page
      title={project.name}
      heading={<Heading project={project} />}
      actions={<ProjectMenu project={project} onDiscarded={() => navigate("/projects")} />}
    >
      <About project={project} />
      <Activity project={project} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <RecentRuns projectId={project.project_id} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="lg">
            <RecentDatasets projectId={project.project_id} />
            <Happenings projectId={project.project_id} />
          </Stack>
        </Grid.Col>
      </Grid>
      <Members projectId={project.project_id} />
    </Page>
  );
}

function Heading({ project }: { project: Project }) {
  return (
    <div style={{ minWidth: 0 }}>
      <Anchor component={Link} to={makeLink("/projects", null)} size="sm">
        Projects
      </Anchor>
      <Title order={1} className="ml-wrap">
        {project.name}
      </Title>
      <Text size="xs" c="dimmed" className="ml-mono">
        {project.project_id}
      </Text>
    </div>
  );
}

function About({ project }: { project: Project }) {
  const { statistics: counts } = project;
  const runs = (query?: string) =>
    makeLink("/runs", project.project_id, query === undefined ? {} : { q: query });
  return (
    <Stack gap="sm">
      {project.description && (
        <Text size="sm" className="ml-wrap" maw={900} style={{ whiteSpace: "pre-wrap" }}>
          {project.description}
        </Text>
      )}
      <TagList tags={project.tags} limit={20} />
      <Facts
        facts={[
          { label: "Runs", value: <CountLink count={counts.n_runs} to={runs()} /> },
          { label: "Running", value: <CountLink count={counts.n_running} to={runs('status = "running"')} /> },
          { label: "Failed", value: <CountLink count={counts.n_failed} to={runs('status = "failed"')} /> },
          {
            label: "Datasets",
            value: <CountLink count={counts.n_datasets} to={makeLink("/datasets", project.project_id)} />,
          },
          { label: "Artifacts", value: formatCount(counts.n_artifacts) },
          { label: "Kept files", value: formatBytes(counts.n_bytes) },
          {
            label: "Last activity",
            value: (
              <span title={formatMoment(counts.last_activity_at)}>{formatAgo(counts.last_activity_at)}</span>
            ),
          },
        ]}
      />
    </Stack>
  );
}

function CountLink({ count, to }: { count: number; to: string }) {
  if (count === 0) return <>0</>;
  return (
    <Anchor component={Link} to={to} inherit>
      {formatCount(count)}
    </Anchor>
  );
}

function Activity({ project }: { project: Project }) {
  const overview = useProjectOverview(project.project_id);
  if (project.statistics.n_runs === 0) return null;
  return (
    <Section title="Runs by day">
      {overview.isPending ? (
        <Skeleton height={76} />
      ) : overview.isError ? (
        <ErrorState error={overview.error} what="Counting the runs" retry={() => void overview.refetch()} />
      ) : (
        <DayBars days={overview.data.days} />
      )}
    </Section>
  );
}

function RecentRuns({ projectId }: { projectId: string }) {
  const found = useRecentRuns(projectId);
  return (
    <Section
      title="Newest runs"
      actions={
        <Anchor component={Link} size="sm" to={makeLink("/runs", projectId)}>
          All runs
        </Anchor>
      }
    >
      {found.isPending ? (
        <Loading />
      ) : found.isError ? (
        <ErrorState error={found.error} what="Reading the runs" retry={() => void found.refetch()} />
      ) : found.data.items.length === 0 ? (
        <EmptyState
          title="No runs yet"
          code={`with modellab.start_run(project_id=${JSON.stringify(projectId)}) as run:\n    run.log_metrics({"accuracy": 0.91})`}
        >
          Runs belong to this project when they name its id.
        </EmptyState>
      ) : (
        <WideTable label="Runs, the newest first" minWidth={480}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Run</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th className="ml-number">Duration</Table.Th>
              <Table.Th className="ml-number">Started</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.data.items.map((run) => (
              <Table.Tr key={run.run_id}>
                <Table.Td maw={320}>
                  <RunLink run={run} />
                </Table.Td>
                <Table.Td>
                  <RunStatus status={run.status} />
                </Table.Td>
                <Table.Td className="ml-number">{formatDuration(run.duration_s)}</Table.Td>
                <Table.Td className="ml-number" title={formatMoment(run.timestamp)}>
                  {formatAgo(run.timestamp)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Section>
  );
}

function RecentDatasets({ projectId }: { projectId: string }) {
  const found = useRecentDatasets(projectId);
  const items = found.data?.items ?? [];
  return (
    <Section
      title="Newest datasets"
      actions={
        <Anchor component={Link} size="sm" to={makeLink("/datasets", projectId)}>
          All datasets
        </Anchor>
      }
    >
      {found.isError && <ErrorState error={found.error} what="Reading the datasets" />}
      {found.data && items.length === 0 && (
        <Text size="sm" c="dimmed">
          None yet.
        </Text>
      )}
      <Stack gap={4}>
        {items.map((dataset) => (
          <Text key={dataset.dataset_id} size="sm" component="div" className="ml-text">
            <Anchor
              component={Link}
              size="sm"
              underline="always"
              to={makeLink(`/datasets/${dataset.dataset_id}`, projectId)}
            >
              {dataset.name}
            </Anchor>{" "}
            <Text span size="xs" c="dimmed">
              version {dataset.version},{" "}
              {dataset.n_rows === null ? formatBytes(dataset.size) : `${formatCount(dataset.n_rows)} rows`}
            </Text>
          </Text>
        ))}
      </Stack>
    </Section>
  );
}

/** Words for what the server tells of things. */
function Happenings({ projectId }: { projectId: string }) {
  const found = useActivity(projectId);
  const link = useLink();
  const items = found.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="What happened">
      <Stack gap={4}>
        {items.map(({ at, kind, id, name, event }) => (
          <Text key={`${at} ${id} ${event}`} size="sm" component="div" className="ml-text">
            <Text span size="xs" c="dimmed" title={formatMoment(at)}>
              {formatAgo(at) || MISSING}
            </Text>{" "}
            {kind} {event}:{" "}
            <Anchor
              component={Link}
              size="sm"
              underline="always"
              to={link(`/${kind}s/${encodeURIComponent(id)}`)}
            >
              {name || id.slice(-8)}
            </Anchor>
          </Text>
        ))}
      </Stack>
    </Section>
  );
}
