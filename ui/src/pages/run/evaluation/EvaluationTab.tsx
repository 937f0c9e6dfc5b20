import { Select } from "@mantine/core";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { formatCount } from "~/format/number";
import { useAddress } from "~/state/address";
import type { TabProps } from "../tabs";
import { EvaluationView } from "./EvaluationView";
import { useEvaluation, useEvaluations } from "./queries";

const CODE = `pip install 'modellab[evaluation]'

with modellab.start_run("baseline") as run:
    run.log_evaluation(predictions=scores, labels=labels, data=rows, split="test")`;

/** How good the run's model is, how sure that is, and where it fails. */
export default function EvaluationTab({ run }: TabProps) {
  const evaluations = useEvaluations(run.run_id);
  const [wanted, setWanted] = useAddress("evaluation");
  if (evaluations.isPending) return <Loading />;
  if (evaluations.isError)
    return (
      <ErrorState
        error={evaluations.error}
        what="Reading the evaluations"
        retry={() => evaluations.refetch()}
      />
    );
  const shown = evaluations.data.find(({ name }) => name === wanted) ?? evaluations.data[0];
  if (shown === undefined) return <NotEvaluated />;
  return (
    <WholeEvaluation
      key={shown.name}
      runId={run.run_id}
      name={shown.name}
      choice={
        evaluations.data.length > 1 ? (
          <Select
            aria-label="Evaluation"
            w={220}
            data={evaluations.data.map(({ name, n }) => ({
              value: name,
              label: `${name} (${formatCount(n)} rows)`,
            }))}
            value={shown.name}
            onChange={(name) => setWanted(name)}
          />
        ) : null
      }
    />
  );
}

function WholeEvaluation({ runId, name, choice }: { runId: string; name: string; choice: React.ReactNode }) {
  const evaluation = useEvaluation(runId, name);
  if (evaluation.isPending)
    return (
      <>
        {choice}
        <Loading />
      </>
    );
  if (evaluation.isError)
    return (
      <>
        {choice}
        <ErrorState
          error={evaluation.error}
          what={`Reading the evaluation ${name}`}
          retry={() => evaluation.refetch()}
        />
      </>
    );
  return <EvaluationView evaluation={evaluation.data} choice={choice} />;
}

function NotEvaluated() {
  return (
    <EmptyState title="No evaluation yet" code={CODE}>
      Hand over what the model predicted and what was right. The run then has its metrics with intervals,
      slices, failures and a takeaway of five sentences. Without Python, send them to{" "}
      <code>POST /api/modellab/runs/RUN_ID/evaluate</code>; the server needs <code>modellab[evaluation]</code>{" "}
      for that, and answers 501 where it is missing.
    </EmptyState>
  );
}
