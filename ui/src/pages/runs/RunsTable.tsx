import { Button } from "@mantine/core";
import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef } from "react";
import { useNavigate } from "react-router";
import { Problem } from "~/api/client";
import { useDensity } from "~/app/density";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { useLink } from "~/state/address";
import { ChosenBar } from "./ChosenBar";
import type { Column, Fields } from "./columns";
import { mistakeIn } from "./filter/mistakeIn";
import { readAllIds, type TableRequest } from "./queries";
import { type GridHandle, RunsGrid } from "./RunsGrid";
import { RunsToolbar } from "./RunsToolbar";
import { useChosen } from "./useChosen";
import { useColumnTable } from "./useColumnTable";
import { useOpenRun } from "./useOpenRun";
import { useRunRows } from "./useRunRows";
import type { RunsView } from "./viewState";

interface RunsTableProps {
  view: RunsView;
  change: (change: Partial<RunsView>) => void;
  columns: readonly Column[];
  asked: TableRequest;
  fields: Fields | undefined;
  filterBar: (problem: Problem | null) => ReactNode;
  input: RefObject<HTMLInputElement | null>;
  showNested: (parentId: string) => void;
}

/** The runs one by one, with what can be done with those that are chosen. */
export function RunsTable(props: RunsTableProps) {
  const { view, change, columns, asked, fields, input } = props;
  const grid = useRef<GridHandle>(null);
  const found = useRunRows(asked, () => grid.current?.isIdleAtTop() ?? false);
  const chosen = useChosen(found.rows, found.read, asked.project);
  const table = useColumnTable({ columns, sort: view.sort, fields, change });
  const keys = useKeys(props, found, chosen);
  const setColumns = useCallback((chosenColumns: Column[]) => change({ columns: chosenColumns }), [change]);
  const order = JSON.stringify([asked.project, asked.query, asked.sort]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter or order begins at the top
  useEffect(() => grid.current?.toTop(), [order]);
  const { hrefOf } = useOpenRun();
  const [{ height: rowHeight }] = useDensity();
  const mistake = mistakeIn(found.error);

  return (
    <>
      {props.filterBar(mistake)}
      <RunsToolbar {...props} total={found.rows?.total} chosen={chosen.ids} />
      <ChosenBar
        chosen={chosen}
        total={found.rows?.total ?? 0}
        onCompare={keys.compare}
        onChooseAll={keys.chooseAll}
      />
      {found.error !== null && mistake === null && (
        <>
          <ErrorState error={found.error} what="Reading the runs" retry={found.retry} />
          {found.error instanceof Problem && found.error.status === 422 && (
            <Button
              variant="default"
              style={{ alignSelf: "flex-start" }}
              onClick={() => change({ columns: null, sort: [] })}
            >
              Show the standard columns and order
            </Button>
          )}
        </>
      )}
      {found.rows === undefined ? (
        found.error === null && <Loading lines={12} height={20} />
      ) : found.rows.total === 0 ? (
        <NoRuns
          isFiltered={asked.query !== ""}
          onClear={() => change({ query: "" })}
          project={asked.project}
        />
      ) : (
        <RunsGrid
          handle={grid}
          {...{ table, fields, found, chosen, rowHeight, hrefOf }}
          rows={found.rows}
          columns={{ columns, set: setColumns }}
          showNested={props.showNested}
          keys={{ ...keys, focusFilter: () => input.current?.focus() }}
        />
      )}
    </>
  );
}

function useKeys(
  { asked }: RunsTableProps,
  found: ReturnType<typeof useRunRows>,
  chosen: ReturnType<typeof useChosen>,
) {
  const link = useLink();
  const navigate = useNavigate();
  const { open } = useOpenRun();
  return useMemo(
    () => ({
      open: (index: number) => {
        const row = found.rows?.list[index];
        if (row) open(row.run.run_id);
      },
      chooseAll: async () => chosen.set(await readAllIds(asked)),
      clear: chosen.clear,
      compare: () => {
        if (chosen.ids.size >= 2 && chosen.ids.size <= 50)
          navigate(link("/compare", { run: [...chosen.ids] }));
      },
    }),
    [found.rows, open, chosen, asked, navigate, link],
  );
}

const FIRST_RUN = `from modellab import log_run

@log_run
def train(lr: float = 0.1, epochs: int = 3):
    return {"accuracy": 0.95}

train()`;

interface NoRunsProps {
  isFiltered: boolean;
  project: string | null;
  onClear: () => void;
}

/** There is nothing to show: because of the filter, or because nothing was recorded yet. */
function NoRuns({ isFiltered, project, onClear }: NoRunsProps) {
  if (isFiltered) {
    return (
      <EmptyState title="No run matches" action={<Button onClick={onClear}>Clear the filter</Button>}>
        A condition on something that a run does not have does not hold; <code>is null</code> asks for what is
        missing.
      </EmptyState>
    );
  }
  const where = project === null ? "here" : "in this project";
  return (
    <EmptyState title={`No runs ${where} yet`} code={FIRST_RUN}>
      Decorate a training function and call it: its run appears {where} by itself, while it goes on.
    </EmptyState>
  );
}
