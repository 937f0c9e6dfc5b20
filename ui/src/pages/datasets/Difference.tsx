import { Badge, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { ErrorState, Loading } from "~/components/Feedback";
import { WideTable } from "~/components/WideTable";
import { countOf, formatBytes, formatCount, formatNumber, MISSING } from "~/format/number";
import { useAddress } from "~/state/address";
import { type Column, type ColumnDifference, type Dataset, useDifference } from "./queries";

const SHOWN = 200;

/** What is different from another version to the one shown, column by column. */
export function Difference({ dataset, versions }: { dataset: Dataset; versions: readonly Dataset[] }) {
  const [otherId, setOther] = useAddress("other");
  const other = versions.find(({ dataset_id }) => dataset_id === otherId);
  const found = useDifference(dataset.dataset_id, otherId);
  if (otherId === "" || otherId === dataset.dataset_id) return null;
  return (
    <Stack gap="sm" component="section" aria-label="Difference">
      <Group justify="space-between">
        <Title order={2}>
          From version {other?.version ?? "?"} to {dataset.version}
        </Title>
        <Button variant="default" onClick={() => setOther(null)}>
          Close
        </Button>
      </Group>
      {found.isPending ? (
        <Loading lines={3} />
      ) : found.isError ? (
        <ErrorState error={found.error} what="Comparing the versions" retry={() => void found.refetch()} />
      ) : (
        <>
          <Text size="sm">{sayWhole(found.data)}</Text>
          {found.data.columns !== null && found.data.columns.length > 0 && (
            <DifferenceTable columns={found.data.columns} />
          )}
        </>
      )}
    </Stack>
  );
}

function sayWhole(difference: NonNullable<ReturnType<typeof useDifference>["data"]>): string {
  if (difference.is_same_content) return "Both have the very same bytes.";
  const { n_rows, size, n_unchanged, columns } = difference;
  return [
    n_rows === null
      ? null
      : n_rows === 0
        ? "As many rows"
        : sayMore(n_rows, countOf(Math.abs(n_rows), "row")),
    size === 0 ? "as many bytes" : sayMore(size, formatBytes(Math.abs(size))),
    columns === null
      ? "the columns of one of them are not known"
      : `${countOf(columns.length, "column")} with a difference`,
    n_unchanged === null ? null : `${formatCount(n_unchanged)} without`,
  ]
    .filter(Boolean)
    .join(", ");
}

function sayMore(difference: number, size: string): string {
  return `${size} ${difference > 0 ? "more" : "fewer"}`;
}

function DifferenceTable({ columns }: { columns: readonly ColumnDifference[] }) {
  return (
    <>
      <WideTable label="Columns with a difference" minWidth={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Column</Table.Th>
            <Table.Th>Change</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th className="ml-number">Missing</Table.Th>
            <Table.Th className="ml-number">Unique</Table.Th>
            <Table.Th className="ml-number">Mean</Table.Th>
            <Table.Th>Range</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.slice(0, SHOWN).map((column) => (
            <Table.Tr key={column.name}>
              <Table.Td maw={240} className="ml-text" fw={600} title={column.name}>
                {column.name}
              </Table.Td>
              <Table.Td>
                <Badge color="gray">{column.change}</Badge>
              </Table.Td>
              <FromTo {...column} say={({ type }) => type} />
              <FromTo {...column} say={({ n_missing }) => formatCount(n_missing)} isNumber />
              <FromTo
                {...column}
                say={({ n_unique }) => (n_unique === null ? MISSING : formatCount(n_unique))}
                isNumber
              />
              <FromTo {...column} say={({ mean }) => formatNumber(mean)} isNumber />
              <FromTo {...column} say={sayRange} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {columns.length > SHOWN && (
        <Text size="sm" c="dimmed">
          The first {SHOWN} of {formatCount(columns.length)}.
        </Text>
      )}
    </>
  );
}

interface FromToProps {
  before: Column | null;
  after: Column | null;
  say: (column: Column) => string;
  isNumber?: boolean;
}

/** A value once if it is the same, or as it was and as it is. */
function FromTo({ before, after, say, isNumber = false }: FromToProps) {
  const was = before && say(before);
  const is = after && say(after);
  const isSame = was === null || is === null || was === is;
  return (
    <Table.Td className={isNumber ? "ml-number" : undefined} c={isSame ? "dimmed" : undefined}>
      {isSame ? (is ?? was) : `${was} → ${is}`}
    </Table.Td>
  );
}

/** The range of a column's values; a dash where there is none. */
export function sayRange({ min, max }: Column): string {
  if (min === null || min === undefined) return MISSING;
  return `${sayBound(min)} to ${sayBound(max)}`;
}

function sayBound(value: unknown): string {
  return typeof value === "number" ? formatNumber(value) : String(value);
}
