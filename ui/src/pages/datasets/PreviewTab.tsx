import { Stack, Text } from "@mantine/core";
import { Problem } from "~/api/client";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { TablePreview } from "~/components/TablePreview";
import { countOf, formatCount } from "~/format/number";
import { type Dataset, usePreview } from "./queries";

/** The first hundred rows. */
export function PreviewTab({ dataset }: { dataset: Dataset }) {
  const preview = usePreview(dataset.dataset_id, dataset.columns !== null);
  if (dataset.columns === null)
    return (
      <EmptyState title="No preview">This file is no table that can be read; download it instead.</EmptyState>
    );
  if (preview.isPending) return <Loading />;
  if (preview.isError) {
    if (preview.error instanceof Problem && preview.error.status === 404 && !dataset.is_stored)
      return <EmptyState title="No preview">{preview.error.detail}</EmptyState>;
    return (
      <ErrorState error={preview.error} what="Reading the first rows" retry={() => void preview.refetch()} />
    );
  }
  const { columns, types, rows, n_rows } = preview.data;
  const nColumns = dataset.n_columns ?? columns.length;
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {n_rows !== null && n_rows > rows.length
          ? `The first ${formatCount(rows.length)} of ${countOf(n_rows, "row")}`
          : countOf(rows.length, "row")}
        {nColumns > columns.length
          ? `, the first ${formatCount(columns.length)} of ${countOf(nColumns, "column")}`
          : `, ${countOf(nColumns, "column")}`}
      </Text>
      <TablePreview
        label="First rows"
        columns={columns.map((name, at) => ({ name, type: types[at] }))}
        rows={rows}
      />
    </Stack>
  );
}
