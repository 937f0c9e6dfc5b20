import { Button, Group, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Problem } from "~/api/client";
import { Caution } from "~/components/Caution";
import { ErrorState, Loading } from "~/components/Feedback";
import { TablePreview } from "~/components/TablePreview";
import { countOf, formatCount } from "~/format/number";
import { type Artifact, ROWS, useTablePart } from "../queries";

interface TableArtifactProps {
  artifact: Artifact;
  /** What is shown of a file that is no table, whatever its name says. */
  asText: ReactNode;
}

/** Rows of a file that is a table, part by part. */
export function TableArtifact({ artifact, asText }: TableArtifactProps) {
  const [offset, setOffset] = useState(0);
  const part = useTablePart(artifact, offset);
  if (part.isPending) return <Loading />;
  if (part.error instanceof Problem && part.error.status === 422)
    return (
      <Stack gap="xs">
        <Caution title="Not shown as a table">{part.error.detail}</Caution>
        {asText}
      </Stack>
    );
  if (part.isError)
    return <ErrorState error={part.error} what="Reading the table" retry={() => part.refetch()} />;
  const { columns, rows, n_rows: nRows } = part.data;
  const last = offset + rows.length;
  const hasMore = nRows === null ? rows.length === ROWS : last < nRows;
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          {rows.length === 0 ? "No rows" : `Rows ${formatCount(offset + 1)} to ${formatCount(last)}`}
          {nRows !== null && ` of ${formatCount(nRows)}`}, {countOf(columns.length, "column")}
        </Text>
        {(offset > 0 || hasMore) && (
          <>
            <Button
              variant="default"
              disabled={offset === 0}
              onClick={() => setOffset(Math.max(offset - ROWS, 0))}
            >
              Rows before
            </Button>
            <Button
              variant="default"
              disabled={!hasMore}
              loading={part.isPlaceholderData}
              onClick={() => setOffset(offset + ROWS)}
            >
              Rows after
            </Button>
          </>
        )}
      </Group>
      <TablePreview label="Rows of the file" columns={columns} rows={rows} firstRow={offset + 1} />
    </Stack>
  );
}
