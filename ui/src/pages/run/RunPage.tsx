import { Box, Button, Tabs } from "@mantine/core";
import { Suspense } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { Problem } from "~/api/client";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page } from "~/components/Page";
import { labelRun } from "~/format/run";
import { useLink } from "~/state/address";
import { RunHeader } from "./header/RunHeader";
import { useFollowRun, useRun, type WholeRun } from "./queries";
import { TABS } from "./tabs";

/** One run: what it is, and all that it recorded. */
export default function RunPage() {
  const { runId = "" } = useParams();
  const run = useRun(runId);
  useFollowRun(runId);
  if (run.data !== undefined && !isGone(run.error))
    return (
      <Page title={labelRun(run.data)} heading={<RunHeader run={run.data} />}>
        <RunTabs run={run.data} />
      </Page>
    );
  return (
    <Page title="Run">
      {run.isPending ? (
        <Loading />
      ) : isGone(run.error) ? (
        <MissingRun runId={runId} />
      ) : (
        <ErrorState error={run.error} what="Reading the run" retry={run.refetch} />
      )}
    </Page>
  );
}

function isGone(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}

function MissingRun({ runId }: { runId: string }) {
  const link = useLink();
  return (
    <EmptyState
      title="There is no such run"
      action={
        <Button component={Link} to={link("/runs")} variant="default">
          To the runs
        </Button>
      }
    >
      No run that you may see has the id <code className="ml-wrap">{runId}</code>. It may have been purged, or
      belong to another server.
    </EmptyState>
  );
}

function RunTabs({ run }: { run: WholeRun }) {
  const { tab } = useParams();
  const navigate = useNavigate();
  const link = useLink();
  const shown = TABS.find(({ path }) => path === tab) ?? TABS[0];
  const open = (path: string | null) =>
    navigate(link(`/runs/${encodeURIComponent(run.run_id)}/${path ?? ""}`));
  return (
    <Tabs value={shown?.path ?? null} onChange={open}>
      <Box style={{ overflowX: "auto" }}>
        <Tabs.List style={{ flexWrap: "nowrap" }}>
          {TABS.map(({ path, label }) => (
            <Tabs.Tab key={path} value={path}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Box>
      {TABS.map(({ path, Content }) => (
        <Tabs.Panel key={path} value={path} pt="md">
          <Suspense fallback={<Loading />}>
            <Content run={run} />
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
