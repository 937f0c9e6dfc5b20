import { ActionIcon, Alert, Anchor, Button, Group, Menu, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconDots, IconDownload, IconPencil, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { client, root } from "~/api/client";
import { mayWrite, useMe } from "~/app/me";
import { useProjects } from "~/app/projects";
import { CopyIcon } from "~/components/CopyIcon";
import { DetailsModal } from "~/components/DetailsModal";
import { Facts } from "~/components/Facts";
import { ErrorState, Loading } from "~/components/Feedback";
import { tellDone } from "~/components/notices";
import { Page } from "~/components/Page";
import { TabRow } from "~/components/TabRow";
import { TagList } from "~/components/Tags";
import { changeOfTags } from "~/components/tags";
import { useTrash } from "~/components/useTrash";
import { formatBytes, formatCount } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { useLink } from "~/state/address";
import { ColumnsTab } from "./ColumnsTab";
import { PreviewTab } from "./PreviewTab";
import { type Dataset, useDataset } from "./queries";
import { RunsTab } from "./RunsTab";
import { VersionsTab } from "./VersionsTab";

export default function DatasetPage() {
  const { datasetId = "", tab = "columns" } = useParams();
  const found = useDataset(datasetId);
  const navigate = useNavigate();
  const link = useLink();
  if (found.isPending)
    return (
      <Page title="Dataset">
        <Loading />
      </Page>
    );
  if (found.isError)
    return (
      <Page title="Dataset">
        <ErrorState error={found.error} what="Reading the dataset" retry={() => void found.refetch()} />
        <Text size="sm">
          If it was deleted, it is in the{" "}
          <Anchor component={Link} to={link("/trash", { kind: "dataset" })} size="sm" underline="always">
            trash
          </Anchor>
          .
        </Text>
      </Page>
    );
  const dataset = found.data;
  return (
    <Page
      title={dataset.name}
      heading={<Heading dataset={dataset} />}
      actions={<DatasetActions dataset={dataset} />}
    >
      <About dataset={dataset} />
      <Tabs
        value={tab}
        onChange={(next) => navigate(link(`/datasets/${encodeURIComponent(datasetId)}/${next}`))}
      >
        <TabRow open={tab}>
          <Tabs.Tab value="columns">Columns</Tabs.Tab>
          <Tabs.Tab value="preview">Preview</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
          <Tabs.Tab value="runs">Runs ({formatCount(dataset.n_runs)})</Tabs.Tab>
        </TabRow>
        <Tabs.Panel value="columns" pt="md">
          <ColumnsTab dataset={dataset} />
        </Tabs.Panel>
        <Tabs.Panel value="preview" pt="md">
          <PreviewTab dataset={dataset} />
        </Tabs.Panel>
        <Tabs.Panel value="versions" pt="md">
          <VersionsTab dataset={dataset} />
        </Tabs.Panel>
        <Tabs.Panel value="runs" pt="md">
          <RunsTab dataset={dataset} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Heading({ dataset }: { dataset: Dataset }) {
  const link = useLink();
  return (
    <div style={{ minWidth: 0 }}>
      <Anchor component={Link} to={link("/datasets")} size="sm">
        Datasets
      </Anchor>
      <Title order={1} className="ml-wrap">
        {dataset.name}{" "}
        <Text span c="dimmed" inherit fw={400}>
          version {dataset.version}
        </Text>
      </Title>
    </div>
  );
}

function About({ dataset }: { dataset: Dataset }) {
  const projects = useProjects();
  const project = projects.data?.items.find(({ project_id }) => project_id === dataset.project_id);
  const link = useLink();
  return (
    <Stack gap="sm">
      {dataset.description && (
        <Text size="sm" className="ml-wrap" maw={900} style={{ whiteSpace: "pre-wrap" }}>
          {dataset.description}
        </Text>
      )}
      <TagList tags={dataset.tags} limit={20} />
      {dataset.deleted_at !== null && <Alert color="yellow">This version is in the trash.</Alert>}
      <Facts
        facts={[
          dataset.n_rows === null ? null : { label: "Rows", value: formatCount(dataset.n_rows) },
          dataset.n_columns === null ? null : { label: "Columns", value: formatCount(dataset.n_columns) },
          { label: "Size", value: formatBytes(dataset.size) },
          { label: "Format", value: dataset.format },
          dataset.project_id === null
            ? null
            : {
                label: "Project",
                value: (
                  <Anchor component={Link} inherit to={link(`/projects/${dataset.project_id}`)}>
                    {shorten(project?.name ?? dataset.project_id)}
                  </Anchor>
                ),
              },
          dataset.filename === null ? null : { label: "File", value: shorten(dataset.filename) },
          { label: "SHA-256", value: <Sum sha256={dataset.sha256} /> },
          {
            label: "Added",
            value: <span title={formatMoment(dataset.created_at)}>{formatAgo(dataset.created_at)}</span>,
          },
        ]}
      />
    </Stack>
  );
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function Sum({ sha256 }: { sha256: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <span className="ml-mono" title={sha256}>
        {sha256.slice(0, 12)}
      </span>
      <CopyIcon value={sha256} label="Copy the SHA-256" />
    </Group>
  );
}

function DatasetActions({ dataset }: { dataset: Dataset }) {
  const [isEditing, setEditing] = useState(false);
  const { data: me } = useMe();
  const mayEdit = mayWrite(me, dataset.project_id);
  return (
    <>
      {dataset.is_stored && (
        <Button
          component="a"
          href={`${root}/api/modellab/datasets/${encodeURIComponent(dataset.dataset_id)}/download`}
          download
          variant="default"
          leftSection={<IconDownload size={15} />}
        >
          Download
        </Button>
      )}
      {mayEdit && (
        <Button variant="default" leftSection={<IconPencil size={15} />} onClick={() => setEditing(true)}>
          Edit
        </Button>
      )}
      {mayEdit && <MoreActions dataset={dataset} />}
      {isEditing && <EditDataset dataset={dataset} onClose={() => setEditing(false)} />}
    </>
  );
}

function MoreActions({ dataset }: { dataset: Dataset }) {
  const { discard } = useTrash();
  const navigate = useNavigate();
  const link = useLink();
  const putAway = async () => {
    const label = `${dataset.name}, version ${dataset.version}`;
    // Away from this page first: it would read what is not there any more.
    await discard([{ kind: "dataset", id: dataset.dataset_id, label }], () => navigate(link("/datasets")));
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label="More actions">
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => void putAway()}>
          Put version {dataset.version} into the trash
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function EditDataset({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <DetailsModal
      title="Edit the dataset"
      submitLabel="Save"
      initial={dataset}
      onClose={onClose}
      onSubmit={async ({ name, description, tags }) => {
        const { data } = await client.PUT("/api/modellab/datasets/{dataset_id}", {
          params: { path: { dataset_id: dataset.dataset_id } },
          body: {
            ...(name !== dataset.name && { name }),
            ...(description !== (dataset.description ?? "") && { description: description || null }),
            tags: changeOfTags(dataset.tags, tags) ?? {},
          },
        });
        if (data) queries.setQueryData(["dataset", dataset.dataset_id], data);
        void queries.invalidateQueries({ queryKey: ["datasets"] });
        void queries.invalidateQueries({ queryKey: ["dataset"] });
        tellDone("Saved.");
      }}
    >
      <Text size="xs" c="dimmed">
        A name is that of all versions; description and tags are those of version {dataset.version}.
      </Text>
    </DetailsModal>
  );
}
