/** Every page and its address. Each page is loaded when it is first opened. */

import { createHashRouter, Navigate, type RouteObject, useParams } from "react-router";
import { Loading } from "~/components/Feedback";
import { CrashPage, MissingPage } from "./CrashPage";
import { Shell } from "./Shell";

type PageModule = { default: React.ComponentType };
const page = (load: () => Promise<PageModule>): Pick<RouteObject, "lazy"> => ({
  lazy: async () => ({ Component: (await load()).default }),
});

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
          { index: true, ...page(() => import("~/pages/dashboard/DashboardPage")) },
          { path: "runs", ...page(() => import("~/pages/runs/RunsPage")) },
          { path: "runs/:runId/:tab?", ...page(() => import("~/pages/run/RunPage")) },
          { path: "compare", ...page(() => import("~/pages/compare/ComparePage")) },
          { path: "leaderboard", ...page(() => import("~/pages/leaderboard/LeaderboardPage")) },
          { path: "datasets", ...page(() => import("~/pages/datasets/DatasetsPage")) },
          { path: "datasets/:datasetId/:tab?", ...page(() => import("~/pages/datasets/DatasetPage")) },
          { path: "projects", ...page(() => import("~/pages/projects/ProjectsPage")) },
          { path: "projects/:projectId", ...page(() => import("~/pages/projects/ProjectPage")) },
          { path: "trash", ...page(() => import("~/pages/trash/TrashPage")) },
          { path: "settings/:section?", ...page(() => import("~/pages/settings/SettingsPage")) },
          { path: "experiments/:experimentId/runs/:runId", element: <RunOfMlflow /> },
          { path: "*", element: <MissingPage /> },
        ],
      },
    ],
  },
]);
