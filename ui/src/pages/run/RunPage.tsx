import { Button, Tabs } from "@mantine/core";
import { Suspense } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { Problem, type Schemas } from "~/api/client";
import { mayWrite, useMe } from "~/app/me";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page } from "~/components/Page";
import { TabRow } from "~/components/TabRow";
import { useTrash } from "~/components/useTrash";
import { labelRun, shortId } from "~/format/run";
import { formatAgo } from "~/format/time";
import { useLink } from "~/state/address";
import { RunHeader } from "./header/RunHeader";
import { useFollowRun, useRun, useTrashed, type WholeRun } from "./queries";
import { TABS } from "./tabs";

/** One run: what it is, and all that it recorded. */
export default function RunPage() {
  const { runId = "" } = useParams();
  const run = useRun(runId);
  useFollowRun(runId);
  const trashed = useTrashed(runId, isGone(run.error));
  // The server answers for a run in the trash as for one that is not there.
  const deletedAt = run.data?.deleted_at ?? trashed.data?.deleted_at ?? null;
  if (run.data !== undefined && (deletedAt !== null || !isGone(run.error)))
    return (
      <Page
        title={labelRun(run.data)}
        heading={<RunHeader key={runId} run={{ ...run.data, deleted_at: deletedAt }} />}
      >
        {deletedAt === null && <RunTabs key={runId} run={run.data} />}
      </Page>
    );
  return (
    <Page title="Run">
      {run.isPending || (isGone(run.error) && trashed.isPending) ? (
        <Loading />
      ) : trashed.data ? (
        <TrashedRun item={trashed.data} />
      ) : isGone(run.error) ? (
        <MissingRun runId={runId} />
      ) : (
        <ErrorState error={run.error} what="Reading the run" retry={run.refetch} />
      )}
    </Page>
  );
}

function TrashedRun({ item }: { item: Schemas["TrashItemBody"] }) {
  const { restore } = useTrash();
  const me = useMe();
  const label = item.name || shortId(item.id);
  return (
    <EmptyState
      title={`${label} is in the trash`}
      action={
        mayWrite(me.data, item.project_id) && (
          <Button onClick={() => restore([{ kind: "run", id: item.id, label }])}>Restore the run</Button>
        )
      }
    >
      It was put there {formatAgo(item.deleted_at)}. Restored, it is as it was.
    </EmptyState>
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
      No run that you may see has the id <code className="ml-wrap">{runId}</code>. It may be in the trash with
      what it belongs to, have been purged, or belong to another server.
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
      <TabRow open={shown?.path ?? null}>
        {TABS.map(({ path, label }) => (
          <Tabs.Tab key={path} value={path}>
            {label}
          </Tabs.Tab>
        ))}
      </TabRow>
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
