/** Every page and its address. Each is loaded when it is first opened. */

type PageModule = { default: React.ComponentType };

/** By the path of the router; the page of `/` is the dashboard. */
export const PAGE_LOADERS = {
  "": () => import("~/pages/dashboard/DashboardPage"),
  runs: () => import("~/pages/runs/RunsPage"),
  "runs/:runId/:tab?": () => import("~/pages/run/RunPage"),
  compare: () => import("~/pages/compare/ComparePage"),
  leaderboard: () => import("~/pages/leaderboard/LeaderboardPage"),
  datasets: () => import("~/pages/datasets/DatasetsPage"),
  "datasets/:datasetId/:tab?": () => import("~/pages/datasets/DatasetPage"),
  projects: () => import("~/pages/projects/ProjectsPage"),
  "projects/:projectId": () => import("~/pages/projects/ProjectPage"),
  trash: () => import("~/pages/trash/TrashPage"),
  "settings/:section?": () => import("~/pages/settings/SettingsPage"),
} as const satisfies Record<string, () => Promise<PageModule>>;

/** The page at an address behind the `#`, so that it is loaded beside the frame around it, not after it. */
export function findPage(hash: string): keyof typeof PAGE_LOADERS | undefined {
  const [first = "", second = ""] = hash
    .replace(/^#?\/*/, "")
    .split("?", 1)
    .join("")
    .split("/");
  const isDeeper = second !== "";
  const paths = Object.keys(PAGE_LOADERS) as (keyof typeof PAGE_LOADERS)[];
  const exact = isDeeper ? undefined : paths.find((path) => path === first);
  return exact ?? paths.find((path) => first !== "" && path.startsWith(`${first}/:`));
}
