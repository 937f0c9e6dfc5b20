import { Anchor, Group } from "@mantine/core";
import { Link } from "react-router";
import { colorOf, labelRun } from "~/format/run";
import { useLink } from "~/state/address";

/** A run's colour and name, leading to its page. */
export function RunLink({ run }: { run: { run_id: string; name?: string | null } }) {
  const link = useLink();
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <RunSwatch runId={run.run_id} />
      <Anchor
        component={Link}
        to={link(`/runs/${encodeURIComponent(run.run_id)}`)}
        className="ml-text"
        size="sm"
      >
        {labelRun(run)}
      </Anchor>
    </Group>
  );
}

/** The colour that a run has in every chart. */
export function RunSwatch({ runId }: { runId: string }) {
  return (
    <svg width="16" height="10" aria-hidden="true" style={{ flexShrink: 0 }}>
      <line x1="1" x2="15" y1="5" y2="5" stroke={colorOf(runId)} strokeWidth="4" strokeLinecap="round" />
    </svg>
  );
}
