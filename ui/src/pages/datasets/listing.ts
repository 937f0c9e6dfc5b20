/** Which datasets a list shows, and in which order. */

import { formatTags } from "~/components/tags";
import type { Dataset } from "./queries";

const VALUES = {
  name: (dataset: Dataset) => dataset.name.toLowerCase(),
  version: (dataset: Dataset) => dataset.version,
  rows: (dataset: Dataset) => dataset.n_rows,
  columns: (dataset: Dataset) => dataset.n_columns,
  size: (dataset: Dataset) => dataset.size,
  runs: (dataset: Dataset) => dataset.n_runs_of_all_versions,
  created: (dataset: Dataset) => dataset.created_at,
} as const;

/** Those whose name, description, file or tags hold every word. */
export function searchDatasets(datasets: readonly Dataset[], text: string): Dataset[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return datasets.filter((dataset) => {
    const said = [dataset.name, dataset.description, dataset.filename, ...formatTags(dataset.tags)]
      .join(" ")
      .toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** Sorted by a field, with `-` before it the largest first; what has no value comes last either way. */
export function sortDatasets(datasets: readonly Dataset[], sort: string): Dataset[] {
  const isDown = sort.startsWith("-");
  const field = isDown ? sort.slice(1) : sort;
  if (!Object.hasOwn(VALUES, field)) return [...datasets];
  const value = VALUES[field as keyof typeof VALUES];
  return [...datasets].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return x === y ? 0 : x < y === isDown ? 1 : -1;
  });
}
