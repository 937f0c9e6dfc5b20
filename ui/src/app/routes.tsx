/** What the router shows at which address. */

import { createHashRouter, Navigate, type RouteObject, useParams } from "react-router";
import { Loading } from "~/components/Feedback";
import { CrashPage, MissingPage } from "./CrashPage";
import { PAGE_LOADERS } from "./pages";
import { Shell } from "./Shell";

const PAGES: RouteObject[] = Object.entries(PAGE_LOADERS).map(([path, load]) => ({
  ...(path === "" ? { index: true } : { path }),
  lazy: async () => ({ Component: (await load()).default }),
}));

/** MLflow's clients print such an address after a run. */
function RunOfMlflow() {
  const { runId = "" } = useParams();
  return <Navigate to={`/runs/${encodeURIComponent(runId)}`} replace />;
}

export const router = createHashRouter([
  {
    path: "/",
    element: <Shell />,
    errorElement: <CrashPage />,
    HydrateFallback: () => <Loading />,
    children: [
      {
        // A page that breaks leaves the navigation standing.
        errorElement: <CrashPage />,
        children: [
          ...PAGES,
          { path: "experiments/:experimentId/runs/:runId", element: <RunOfMlflow /> },
          { path: "*", element: <MissingPage /> },
        ],
      },
    ],
  },
]);
