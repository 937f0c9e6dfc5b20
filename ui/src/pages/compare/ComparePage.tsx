import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Page } from "~/components/Page";
import { useAddress } from "~/state/address";
import { useCompareAddress } from "./address";
import { ComparisonView } from "./ComparisonView";
import { MAX_COMPARED, MIN_COMPARED } from "./comparison";
import { ChosenRuns } from "./pick/ChosenRuns";
import { RunPicker } from "./pick/RunPicker";
import { useChosenRuns, useFollow } from "./queries";

/** 2 to 50 runs side by side: what can be said of them, and in what they differ. */
export default function ComparePage() {
  const { runIds } = useCompareAddress();
  const [picking, setPicking] = useAddress("pick");
  const chosen = useChosenRuns(runIds);
  useFollow(runIds);
  // Until it is known which of them are there, all of them may be.
  const isKnown = chosen.isSuccess && !chosen.isPlaceholderData;
  const nThere = isKnown ? chosen.runs.length : runIds.length;
  const canCompare = nThere >= MIN_COMPARED && runIds.length <= MAX_COMPARED;
  const isPicking = picking === "1" || !canCompare;
  return (
    <Page
      title="Compare"
      actions={
        canCompare && (
          <Button
            variant="default"
            leftSection={<IconPlus size={15} />}
            aria-expanded={isPicking}
            onClick={() => setPicking(isPicking ? null : "1")}
          >
            {isPicking ? "Done" : "Add runs"}
          </Button>
        )
      }
    >
      {runIds.length > 0 && <ChosenRuns chosen={chosen} />}
      {isPicking && <RunPicker chosen={runIds} />}
      {canCompare && <ComparisonView chosen={chosen} />}
    </Page>
  );
}
