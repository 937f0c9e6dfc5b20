import { Alert, Button, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { EmptyState } from "~/components/Feedback";
import { SearchField } from "~/components/SearchField";
import { WideTable } from "~/components/WideTable";
import { countOf, formatCount, formatNumber, MISSING } from "~/format/number";
import { useAddress } from "~/state/address";
import { sayRange } from "./Difference";
import { Distribution } from "./Distribution";
import type { Column, Dataset } from "./queries";

const SHOWN_AT_ONCE = 100;

/** The columns of a version: types, what is missing, ranges, and how the values are spread. */
export function ColumnsTab({ dataset }: { dataset: Dataset }) {
  const [search, setSearch] = useAddress("column");
  const [nShown, setShown] = useState(SHOWN_AT_ONCE);
  if (dataset.columns === null)
    return (
      <EmptyState title="No columns are known">
        {dataset.unread ??
          "This file is kept by its content. Columns are read from CSV, JSON, JSON lines and Parquet."}
      </EmptyState>
    );
  const wanted = search.trim().toLowerCase();
  const matching = dataset.columns.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <Stack gap="sm">
      {dataset.unread !== null && (
        <Alert color="yellow" title="Read with a remark">
          <span className="ml-wrap">{dataset.unread}</span>
        </Alert>
      )}
      {dataset.columns.length > 10 && (
        <SearchField
          label="Find columns"
          placeholder={`Find among ${countOf(dataset.columns.length, "column")}`}
          maw={320}
          value={search}
          onSearch={setSearch}
        />
      )}
      <WideTable label="Columns" minWidth={820}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Column</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th className="ml-number">Missing</Table.Th>
            <Table.Th className="ml-number">Unique</Table.Th>
            <Table.Th>Range</Table.Th>
            <Table.Th className="ml-number">Mean</Table.Th>
            <Table.Th>Distribution</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {matching.slice(0, nShown).map((column) => (
            <ColumnRow key={column.name} column={column} nRows={dataset.n_rows} />
          ))}
        </Table.Tbody>
      </WideTable>
      {matching.length === 0 && (
        <Text size="sm" c="dimmed">
          No column is called like that.
        </Text>
      )}
      {matching.length > nShown && (
        <Button variant="default" onClick={() => setShown(nShown + SHOWN_AT_ONCE)}>
          Show {Math.min(SHOWN_AT_ONCE, matching.length - nShown)} more of {formatCount(matching.length)}
        </Button>
      )}
    </Stack>
  );
}

function ColumnRow({ column, nRows }: { column: Column; nRows: number | null }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" maw={260} fw={600}>
        <div className="ml-text" title={column.name}>
          {column.name}
        </div>
      </Table.Th>
      <Table.Td>{column.type}</Table.Td>
      <Table.Td className="ml-number" c={column.n_missing > 0 ? "var(--ml-warn)" : "dimmed"}>
        {sayMissing(column.n_missing, nRows)}
      </Table.Td>
      <Table.Td className="ml-number">
        {column.n_unique === null ? MISSING : formatCount(column.n_unique)}
      </Table.Td>
      <Table.Td maw={240}>
        <div className="ml-text">{sayRange(column)}</div>
      </Table.Td>
      <Table.Td className="ml-number">{formatNumber(column.mean)}</Table.Td>
      <Table.Td>
        <Distribution column={column} nRows={nRows} />
      </Table.Td>
    </Table.Tr>
  );
}

function sayMissing(missing: number, nRows: number | null): string {
  if (missing === 0) return "none";
  const share = nRows ? ` (${formatNumber((missing / nRows) * 100, 2)} %)` : "";
  return `${formatCount(missing)}${share}`;
}
