import { Anchor, Group, Skeleton, Text } from "@mantine/core";
import { Link } from "react-router";
import { ErrorState } from "~/components/Feedback";
import { RunLink } from "~/components/RunLink";
import { toneOf } from "~/pages/compare/comparison";
import { VerdictWord } from "~/pages/compare/verdict/VerdictWord";
import { useLink } from "~/state/address";
import { useEvaluations } from "../evaluation/queries";
import type { WholeRun } from "../queries";
import { useBaseline, useVerdict, type Verdict } from "./baseline";

/** How the run compares with the baseline of its project: the sentence first. */
export function VerdictLine({ run }: { run: WholeRun }) {
  const baseline = useBaseline(run.project_id);
  const verdict = useVerdict(run, baseline.data?.run_id ?? null);
  const evaluations = useEvaluations(run.run_id);
  // A run that goes on or failed is not asked how good it is before something says so.
  if (run.status !== "completed" && !evaluations.data?.length) return null;
  if (baseline.isPending) return <Skeleton height={18} width="60%" />;
  if (baseline.isError)
    return <ErrorState error={baseline.error} what="Looking for the baseline" retry={baseline.refetch} />;
  if (baseline.data === null)
    return (
      <Said>
        No verdict yet: {run.project_id === null ? "the runs without a project have" : "this project has"} no
        baseline. “Use as baseline” under More makes this run the one.
      </Said>
    );
  if (baseline.data.run_id === run.run_id)
    return (
      <Said>
        This run is the baseline of {run.project_id === null ? "the runs without a project" : "its project"}:
        the others are compared with it.
      </Said>
    );
  if (verdict.isError)
    return <ErrorState error={verdict.error} what="Comparing with the baseline" retry={verdict.refetch} />;
  if (verdict.isPending)
    return verdict.fetchStatus === "idle" ? (
      <Said>The verdict against the baseline comes when the run has ended, or is evaluated.</Said>
    ) : (
      <Skeleton height={18} width="60%" />
    );
  return (
    <Stated
      verdict={verdict.data}
      baseline={baseline.data}
      compare={<CompareLink run={run} baselineId={baseline.data.run_id} />}
    />
  );
}

interface StatedProps {
  verdict: Verdict | null;
  baseline: { run_id: string; name: string | null };
  compare: React.ReactNode;
}

function Stated({ verdict, baseline, compare }: StatedProps) {
  const isLoud = verdict !== null && verdict.basis !== "nothing";
  const isUnevaluated = verdict?.basis === "final numbers";
  const needed = verdict?.needed && !verdict.sentence.includes(verdict.needed) ? verdict.needed : null;
  return (
    <div>
      <Group gap="sm" align="baseline">
        {verdict && <VerdictWord word={verdict.verdict} size={isLoud ? "md" : "sm"} />}
        <Text
          fw={isLoud ? 550 : 400}
          fz={isLoud ? undefined : "sm"}
          className="ml-wrap"
          lineClamp={4}
          title={verdict?.sentence}
          style={{ color: verdict ? `var(--ml-${toneOf(verdict.verdict)})` : undefined, flex: "1 1 300px" }}
        >
          {verdict?.sentence ?? "The two runs have no metric in common."}
        </Text>
      </Group>
      <Group gap="xs" fz="sm" c="dimmed" mt={4}>
        Against the baseline <RunLink run={baseline} /> {compare}
      </Group>
      {isUnevaluated && (
        <Said>
          Final numbers alone do not tell chance from difference. Evaluate both runs on the same rows, with{" "}
          <code>run.log_evaluation(…)</code>, and the verdict says how sure it is.
        </Said>
      )}
      {needed && <Said>{needed}</Said>}
    </div>
  );
}

function CompareLink({ run, baselineId }: { run: WholeRun; baselineId: string }) {
  const link = useLink();
  return (
    <Anchor
      component={Link}
      size="sm"
      to={link("/compare", { run: [baselineId, run.run_id], baseline: baselineId })}
    >
      Compare in full
    </Anchor>
  );
}

function Said({ children }: { children: React.ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}
