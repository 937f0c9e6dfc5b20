import "@mantine/spotlight/styles.css";
import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  createSpotlight,
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from "@mantine/spotlight";
import {
  IconDatabase,
  IconFolders,
  IconMessageQuestion,
  IconPlayerRecord,
  IconSearch,
} from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { client, unwrap } from "~/api/client";
import { conversation } from "~/assistant/conversation";
import { quoteContains } from "~/format/query";
import { labelRun, shortId } from "~/format/run";
import { formatAgo } from "~/format/time";
import { makeLink, useProject } from "~/state/address";
import { usePreference } from "~/state/preference";
import { SCHEMES } from "./ColorScheme";
import { mayAddProjects, mayWriteHere, useMe } from "./me";
import { PAGES } from "./navigation";
import { useProjects } from "./projects";

export const [paletteStore, palette] = createSpotlight();
export const openPalette = palette.open;

const MAX_FOUND = 8;
const MAX_SHOWN = 12;
/** Characters that the server takes to look for. */
const MAX_SEARCHED = 1000;

/** Ctrl K: runs, projects, datasets, pages and actions, by what one types. */
export function CommandPalette() {
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 150);
  const { runs, isSearching } = useFoundRuns(asked);
  // Enter, pressed before the answers are there, shall not ask the assistant instead.
  const isOver = asked === text.trim() && !isSearching;
  const datasets = useFoundDatasets(asked);
  const projects = useFoundProjects(asked);
  const [pages, actions] = useActions();
  const groups: SpotlightActionGroupData[] = [
    { group: "Runs", actions: runs },
    { group: "Datasets", actions: datasets },
    ...[pages, { group: "Projects", actions: projects }, actions].map((group) => ({
      ...group,
      actions: matching(group.actions, text).slice(0, MAX_SHOWN),
    })),
    { group: "Assistant", actions: useQuestion(isOver ? text : "") },
  ].filter((group) => group.actions.length > 0);
  // What came meanwhile may stand first: Enter opens what is seen on top.
  const ids = groups.flatMap((group) => group.actions.map((action) => action.id)).join("\n");
  useEffect(() => {
    if (ids !== "") selectFirst();
  }, [ids]);
  return (
    <Spotlight
      store={paletteStore}
      actions={groups}
      filter={(_, found) => found}
      query={text}
      onQueryChange={setText}
      shortcut={["mod + K"]}
      scrollable
      maxHeight={460}
      highlightQuery
      nothingFound={text ? "Nothing is called that" : "Type to find runs, projects, datasets and pages"}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: "Find runs, projects, datasets, pages, actions",
        "aria-label": "Find runs, projects, datasets, pages, actions",
      }}
    />
  );
}

/** What was typed, as a question to the assistant. */
function useQuestion(text: string): SpotlightActionData[] {
  const [, setAssistant] = usePreference("assistant", "closed");
  const question = text.trim();
  if (question === "") return [];
  const ask = () => {
    setAssistant("open");
    void conversation.ask(question);
  };
  return [
    {
      id: "ask",
      label: `Ask: ${question}`,
      leftSection: <IconMessageQuestion size={18} stroke={1.5} />,
      onClick: ask,
    },
  ];
}

/** Spotlight itself selects the first action only when a key is pressed, not when answers come. */
function selectFirst(): void {
  const actions = document.querySelectorAll("[role=dialog] [data-action]");
  actions.forEach((action, at) => {
    if (at === 0) action.setAttribute("data-selected", "true");
    else action.removeAttribute("data-selected");
  });
  paletteStore.updateState((state) => ({ ...state, selected: 0 }));
}

function matching(actions: SpotlightActionData[], text: string): SpotlightActionData[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return actions.filter((action) => {
    const said = `${action.label} ${action.description ?? ""}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** A text of the query language that finds what a person typed in names, notes and ids. */
function queryFor(text: string): string {
  const like = quoteContains(text);
  return `name ilike ${like} or run_id like ${like} or note ilike ${like}`;
}

/** Runs of which that is a part of the name, note or id; then those whose params, tags or errors have the words. */
function useFoundRuns(text: string): { runs: SpotlightActionData[]; isSearching: boolean } {
  const navigate = useNavigate();
  const project = useProject();
  const scope = project !== null && { project_id: project };
  const named = useQuery({
    queryKey: ["palette", "runs", text, project],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/runs", {
          params: { query: { limit: MAX_FOUND, query: queryFor(text), ...scope } },
          signal,
        }),
      ),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });
  const worded = useQuery({
    queryKey: ["palette", "words", text, project],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/search", {
          params: { query: { q: text.slice(0, MAX_SEARCHED), kind: "run", limit: MAX_FOUND, ...scope } },
          signal,
        }),
      ),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });
  if (text === "") return { runs: [], isSearching: false };
  const byName = (named.data?.items ?? []).map((run) => ({
    id: run.run_id,
    label: labelRun(run),
    said: [run.status, formatAgo(run.timestamp), run.name ? shortId(run.run_id) : run.command],
  }));
  const byWords = (worded.data?.items ?? []).map(({ id, name, status, snippets: [found] }) => ({
    id,
    label: labelRun({ run_id: id, name }),
    said: [status, found && `${found.field}: ${found.text}`],
  }));
  const known = new Set(byName.map(({ id }) => id));
  const runs = [...byName, ...byWords.filter(({ id }) => !known.has(id))].slice(0, MAX_FOUND);
  return {
    runs: runs.map(({ id, label, said }) => ({
      id: `run-${id}`,
      label,
      description: said.filter(Boolean).join(" · "),
      leftSection: <IconPlayerRecord size={18} stroke={1.5} />,
      onClick: () => navigate(makeLink(`/runs/${encodeURIComponent(id)}`, project)),
    })),
    isSearching: named.isFetching || worded.isFetching,
  };
}

function useFoundDatasets(text: string): SpotlightActionData[] {
  const navigate = useNavigate();
  const project = useProject();
  const found = useQuery({
    queryKey: ["palette", "datasets", text],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/modellab/datasets", {
          params: { query: { limit: MAX_FOUND, search: text } },
          signal,
        }),
      ),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });
  if (text === "") return [];
  return (found.data?.items ?? []).map((item) => ({
    id: `dataset-${item.dataset_id}`,
    label: item.name,
    description: `Dataset, version ${item.version}`,
    leftSection: <IconDatabase size={18} stroke={1.5} />,
    onClick: () => navigate(makeLink(`/datasets/${encodeURIComponent(item.dataset_id)}`, project)),
  }));
}

function useFoundProjects(text: string): SpotlightActionData[] {
  const navigate = useNavigate();
  const found = useProjects(text).data?.items ?? [];
  return found.map((item) => ({
    id: `project-${item.project_id}`,
    label: item.name,
    description: `Look at project ${item.project_id}`,
    leftSection: <IconFolders size={18} stroke={1.5} />,
    onClick: () => navigate(makeLink("/", item.project_id)),
  }));
}

function useActions(): [SpotlightActionGroupData, SpotlightActionGroupData] {
  const navigate = useNavigate();
  const project = useProject();
  const { setColorScheme } = useMantineColorScheme();
  const { data: me } = useMe();
  const go = (path: string, query = {}) => navigate(makeLink(path, project, query));
  return [
    {
      group: "Pages",
      actions: PAGES.map(({ path, label, icon: Icon, key }) => ({
        id: `page-${path}`,
        label,
        description: `g ${key}`,
        leftSection: <Icon size={18} stroke={1.5} />,
        onClick: () => go(path),
      })),
    },
    {
      group: "Actions",
      actions: [
        {
          id: "running",
          label: "Show running runs",
          onClick: () => go("/runs", { q: 'status = "running"' }),
        },
        { id: "failed", label: "Show failed runs", onClick: () => go("/runs", { q: 'status = "failed"' }) },
        ...(mayWriteHere(me, project)
          ? [{ id: "upload", label: "Upload a dataset", onClick: () => go("/datasets", { upload: "1" }) }]
          : []),
        ...(mayAddProjects(me)
          ? [{ id: "new-project", label: "New project", onClick: () => go("/projects", { new: "1" }) }]
          : []),
        ...SCHEMES.map(({ value, label }) => ({
          id: `scheme-${value}`,
          label: `Appearance: ${label.toLowerCase()}`,
          onClick: () => setColorScheme(value),
        })),
      ],
    },
  ];
}
