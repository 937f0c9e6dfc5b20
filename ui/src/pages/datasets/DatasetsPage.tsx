import { Anchor, Button, CloseButton, Group, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { mayWriteHere, useMe } from "~/app/me";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { TagList } from "~/components/Tags";
import { SortableHeader, WideTable } from "~/components/WideTable";
import { countOf, formatBytes, formatCount, MISSING } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { useAddress, useLink, useProject } from "~/state/address";
import { DatasetUpload, DropTarget, UploadButton, useChosenFiles } from "./DatasetUpload";
import { searchDatasets, sortDatasets } from "./listing";
import { type Dataset, useDatasets } from "./queries";

const SHOWN_AT_ONCE = 200;
const CODE = `with modellab.start_run("baseline") as run:
    run.log_dataset("iris.csv", name="iris", split="train")`;

export default function DatasetsPage() {
  const project = useProject();
  const found = useDatasets(project);
  const chosen = useChosenFiles();
  const { data: me } = useMe();
  const mayUpload = mayWriteHere(me, project);
  // The command palette leads here so; a browser opens its file dialog only at a click.
  const [isUpload, setUpload] = useAddress("upload");
  const datasets = found.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page title="Datasets" actions={mayUpload && <UploadButton chosen={chosen} />}>
      {mayUpload && <DatasetUpload chosen={chosen} known={datasets} />}
      {mayUpload && isUpload === "1" && datasets.length > 0 && (
        <Group gap="sm" align="flex-start" wrap="nowrap">
          <DropTarget chosen={chosen} />
          <CloseButton aria-label="Close" onClick={() => setUpload(null)} />
        </Group>
      )}
      {found.isPending ? (
        <Loading />
      ) : found.isError ? (
        <ErrorState error={found.error} what="Reading the datasets" retry={() => void found.refetch()} />
      ) : datasets.length === 0 ? (
        <EmptyState title="No datasets yet" code={CODE} action={mayUpload && <DropTarget chosen={chosen} />}>
          A dataset is a file with its columns, versions and the runs that used it. Log it from the training
          code{mayUpload && ", or drop files anywhere on this page"}.
        </EmptyState>
      ) : (
        <DatasetList
          datasets={datasets}
          hasMore={found.hasNextPage}
          onMore={() => void found.fetchNextPage()}
        />
      )}
    </Page>
  );
}

interface DatasetListProps {
  datasets: readonly Dataset[];
  hasMore: boolean;
  onMore: () => void;
}

function DatasetList({ datasets, hasMore, onMore }: DatasetListProps) {
  const [search, setSearch] = useAddress("q");
  const [sort, setSort] = useAddress("sort", "-created");
  const [nShown, setShown] = useState(SHOWN_AT_ONCE);
  const matching = sortDatasets(searchDatasets(datasets, search), sort);
  return (
    <Stack gap="sm">
      <SearchField
        label="Find datasets"
        placeholder="Name, description or tag"
        maw={360}
        value={search}
        onSearch={setSearch}
      />
      <Text size="sm" c="dimmed" role="status">
        {search === ""
          ? countOf(datasets.length, "dataset")
          : `${formatCount(matching.length)} of ${countOf(datasets.length, "dataset")}`}
        {hasMore && ", the newest; more are not read yet"}
      </Text>
      {matching.length > 0 && (
        <DatasetTable datasets={matching.slice(0, nShown)} sort={sort} onSort={setSort} />
      )}
      {matching.length > nShown ? (
        <Button variant="default" onClick={() => setShown(nShown + SHOWN_AT_ONCE)}>
          Show {Math.min(SHOWN_AT_ONCE, matching.length - nShown)} more
        </Button>
      ) : (
        hasMore && (
          <Button variant="default" onClick={onMore}>
            Read more datasets
          </Button>
        )
      )}
    </Stack>
  );
}

interface DatasetTableProps {
  datasets: readonly Dataset[];
  sort: string;
  onSort: (sort: string) => void;
}

function DatasetTable({ datasets, sort, onSort }: DatasetTableProps) {
  const head = { sort, onSort };
  return (
    <WideTable label="Datasets" minWidth={860}>
      <Table.Thead>
        <Table.Tr>
          <SortableHeader label="Name" field="name" {...head} />
          <SortableHeader label="Version" field="version" isNumber {...head} />
          <SortableHeader label="Rows" field="rows" isNumber {...head} />
          <SortableHeader label="Columns" field="columns" isNumber {...head} />
          <SortableHeader label="Size" field="size" isNumber {...head} />
          <SortableHeader label="Runs" field="runs" isNumber {...head} />
          <Table.Th>Tags</Table.Th>
          <SortableHeader label="Added" field="created" isNumber {...head} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {datasets.map((dataset) => (
          <DatasetRow key={dataset.dataset_id} dataset={dataset} />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function DatasetRow({ dataset }: { dataset: Dataset }) {
  const link = useLink();
  return (
    <Table.Tr>
      <Table.Td maw={{ base: 190, sm: 380 }}>
        <Anchor
          component={Link}
          to={link(`/datasets/${encodeURIComponent(dataset.dataset_id)}`)}
          size="sm"
          className="ml-text"
          display="block"
        >
          {dataset.name}
        </Anchor>
        {dataset.description && (
          <Text size="xs" c="dimmed" className="ml-text">
            {dataset.description}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="ml-number">{dataset.version}</Table.Td>
      <Table.Td className="ml-number">
        {dataset.n_rows === null ? MISSING : formatCount(dataset.n_rows)}
      </Table.Td>
      <Table.Td className="ml-number">
        {dataset.n_columns === null ? MISSING : formatCount(dataset.n_columns)}
      </Table.Td>
      <Table.Td className="ml-number">{formatBytes(dataset.size)}</Table.Td>
      <Table.Td className="ml-number">
        {formatCount(dataset.n_runs_of_all_versions)}
        {dataset.n_runs < dataset.n_runs_of_all_versions && (
          <Text size="xs" c="dimmed">
            {dataset.n_runs === 0 ? "none" : formatCount(dataset.n_runs)} of version {dataset.version}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <TagList tags={dataset.tags} limit={3} />
      </Table.Td>
      <Table.Td className="ml-number" title={formatMoment(dataset.created_at)}>
        {formatAgo(dataset.created_at)}
      </Table.Td>
    </Table.Tr>
  );
}
