import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { client, type Schemas, unwrap } from "~/api/client";
import { useStorage } from "~/app/storage";
import { tellDone } from "~/components/notices";
import { TypedConfirmation } from "~/components/TypedConfirmation";
import { countOf, formatBytes } from "~/format/number";
import type { TrashItem } from "./queries";

const WORD = "purge";
type Report = Schemas["PurgeReportBody"];

/** Removes the given things for good, or all of the trash, after a word was typed. */
export function Purge({ items, onClose }: { items: readonly TrashItem[] | "all"; onClose: () => void }) {
  const queries = useQueryClient();
  const storage = useStorage();
  const purge = async () => {
    const total = { n_projects: 0, n_datasets: 0, n_runs: 0, n_artifacts: 0, n_bytes: 0 };
    try {
      for (const body of items === "all" ? [{}] : items.map(({ kind, id }) => ({ kind, id })))
        add(total, await unwrap(client.POST("/api/modellab/trash/purge", { body })));
    } finally {
      for (const noun of ["trash", "storage", "overview", "datasets", "projects"])
        void queries.invalidateQueries({ queryKey: [noun] });
    }
    tellDone(sayReport(total));
  };
  return (
    <TypedConfirmation
      title={items === "all" ? "Empty the trash" : `Purge ${countOf(items.length, "item")}`}
      word={WORD}
      submitLabel="Purge for good"
      what="Purging"
      onConfirm={purge}
      onClose={onClose}
    >
      <Text size="sm" className="ml-wrap">
        {items === "all"
          ? "Everything in the trash is removed, of every project on this server."
          : `${items.slice(0, 3).map(labelItem).join(", ")}${items.length > 3 ? ` and ${items.length - 3} more` : ""} will be removed, with all that was deleted with them.`}{" "}
        It cannot be undone. Runs that a process is still recording stay.
      </Text>
      {items === "all" && storage.data && (
        <Text size="sm">It frees about {formatBytes(storage.data.trash_bytes)} of files.</Text>
      )}
    </TypedConfirmation>
  );
}

/** What an item is called in a sentence. */
export function labelItem({ kind, name, id }: TrashItem): string {
  return `${kind} ${name ?? id}`;
}

function add(total: Report, report: Report): void {
  for (const field of Object.keys(total) as (keyof Report)[]) total[field] += report[field];
}

function sayReport({ n_projects, n_datasets, n_runs, n_artifacts, n_bytes }: Report): string {
  const said = [
    n_projects > 0 && countOf(n_projects, "project"),
    n_runs > 0 && countOf(n_runs, "run"),
    n_datasets > 0 && countOf(n_datasets, "dataset version"),
    n_artifacts > 0 && countOf(n_artifacts, "artifact"),
  ].filter(Boolean);
  if (said.length === 0) return "Nothing was removed: what is there is still being recorded.";
  return `Removed ${said.join(", ")}; ${formatBytes(n_bytes)} freed.`;
}
