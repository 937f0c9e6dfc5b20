import { Box, Tabs } from "@mantine/core";
import { Suspense } from "react";
import { useNavigate, useParams } from "react-router";
import { ErrorState, Loading } from "~/components/Feedback";
import { Page } from "~/components/Page";
import { labelRun } from "~/format/run";
import { useLink } from "~/state/address";
import { useRun, type WholeRun } from "./queries";
import { TABS } from "./tabs";

/** One run: what it is, and all that it recorded. */
export default function RunPage() {
  const { runId = "" } = useParams();
  const run = useRun(runId);
  if (run.isPending)
    return (
      <Page title="Run">
        <Loading />
      </Page>
    );
  if (run.isError)
    return (
      <Page title="Run">
        <ErrorState error={run.error} what="Reading the run" retry={() => run.refetch()} />
      </Page>
    );
  return (
    <Page title={labelRun(run.data)}>
      <RunTabs run={run.data} />
    </Page>
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
