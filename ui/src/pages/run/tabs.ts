/** The tabs of a run's page. Each is loaded when it is first opened. */

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { WholeRun } from "./queries";

export interface TabProps {
  run: WholeRun;
}

interface RunTab {
  /** Its part of the address: /runs/:id/:tab. */
  path: string;
  label: string;
  Content: LazyExoticComponent<ComponentType<TabProps>>;
}

export const TABS: readonly RunTab[] = [
  { path: "overview", label: "Overview", Content: lazy(() => import("./overview/OverviewTab")) },
  { path: "charts", label: "Charts", Content: lazy(() => import("./charts/ChartsTab")) },
  { path: "evaluation", label: "Evaluation", Content: lazy(() => import("./evaluation/EvaluationTab")) },
  { path: "latency", label: "Latency", Content: lazy(() => import("./latency/LatencyTab")) },
  { path: "artifacts", label: "Artifacts", Content: lazy(() => import("./artifacts/ArtifactsTab")) },
  { path: "code", label: "Code", Content: lazy(() => import("./code/CodeTab")) },
  { path: "environment", label: "Environment", Content: lazy(() => import("./environment/EnvironmentTab")) },
  { path: "console", label: "Console", Content: lazy(() => import("./console/ConsoleTab")) },
  { path: "system", label: "System", Content: lazy(() => import("./system/SystemTab")) },
  { path: "reproduce", label: "Reproduce", Content: lazy(() => import("./reproduce/ReproduceTab")) },
];
