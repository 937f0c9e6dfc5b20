import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { useSetAddress } from "~/state/address";
import { type RunsView, readView, viewAddressOf, writeView } from "./viewState";

/** How the table is set up, and a way to change it; a new filter or order is a step one can go back from. */
export function useRunsView(): [RunsView, (change: Partial<RunsView>) => void] {
  const [params] = useSearchParams();
  const setAddress = useSetAddress();
  const text = params.toString();
  const view = useMemo(() => readView(viewAddressOf(new URLSearchParams(text))), [text]);
  const change = useCallback(
    (changed: Partial<RunsView>) =>
      setAddress(writeView({ ...view, ...changed }), {
        push: changed.query !== undefined || changed.sort !== undefined || changed.groupBy !== undefined,
      }),
    [setAddress, view],
  );
  return [view, change];
}
