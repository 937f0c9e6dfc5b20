import { useCallback } from "react";
import { useNavigate } from "react-router";
import { useLink } from "~/state/address";

/** Opens a run's page. */
export function useOpenRun(): { hrefOf: (runId: string) => string; open: (runId: string) => void } {
  const link = useLink();
  const navigate = useNavigate();
  const hrefOf = useCallback((runId: string) => `#${link(`/runs/${encodeURIComponent(runId)}`)}`, [link]);
  const open = useCallback(
    (runId: string) => navigate(link(`/runs/${encodeURIComponent(runId)}`)),
    [link, navigate],
  );
  return { hrefOf, open };
}
