import { Anchor, Badge, Button, Group, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { useRefresh } from "~/api/useRefresh";
import { mayAddProjects, useMe } from "~/app/me";
import { useProjects } from "~/app/projects";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { TagList } from "~/components/Tags";
import { WideTable } from "~/components/WideTable";
import { countOf, formatBytes, formatCount } from "~/format/number";
import { formatAgo, formatMoment } from "~/format/time";
import { makeLink, useAddress } from "~/state/address";
import { NewProject } from "./ProjectForms";
import { ProjectMenu } from "./ProjectMenu";
import type { Project } from "./queries";

const CODE = `with modellab.start_run("baseline", project_id="vision") as run:
    run.log_metrics({"accuracy": 0.91})`;

export default function ProjectsPage() {
  const [isNew, setNew] = useAddress("new");
  const [search, setSearch] = useAddress("q");
  const [asked] = useDebouncedValue(search.trim(), 200);
  const found = useProjects(asked);
  const { data: me } = useMe();
  useRefresh(["projects"]);
  const mayAdd = mayAddProjects(me);
  return (
    <Page
      title="Projects"
      actions={
        mayAdd && (
          <Button leftSection={<IconPlus size={15} />} onClick={() => setNew("1")}>
            New project
          </Button>
        )
      }
    >
      {isNew === "1" && mayAdd && <NewProject onClose={() => setNew(null)} />}
      {found.isPending ? (
        <Loading />
      ) : found.isError ? (
        <ErrorState error={found.error} what="Reading the projects" retry={() => void found.refetch()} />
      ) : found.data.items.length === 0 && asked === "" ? (
        <EmptyState title="No projects yet" code={CODE}>
          A project keeps runs and datasets of one question together, and with a login it says who sees them.
          Runs may do without.
        </EmptyState>
      ) : (
        <Stack gap="sm">
          <SearchField
            label="Find projects"
            placeholder="Name or id"
            maw={360}
            value={search}
            onSearch={setSearch}
          />
          <Text size="sm" c="dimmed" role="status">
            {countOf(found.data.items.length, "project")}
            {found.data.next_cursor !== null && ", the newest; search finds the others"}
          </Text>
          {found.data.items.length > 0 && <ProjectTable projects={found.data.items} />}
        </Stack>
      )}
    </Page>
  );
}

function ProjectTable({ projects }: { projects: readonly Project[] }) {
  return (
    <WideTable label="Projects" minWidth={820}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th className="ml-number">Runs</Table.Th>
          <Table.Th className="ml-number">Running</Table.Th>
          <Table.Th className="ml-number">Failed</Table.Th>
          <Table.Th className="ml-number">Datasets</Table.Th>
          <Table.Th className="ml-number">Size</Table.Th>
          <Table.Th>Tags</Table.Th>
          <Table.Th className="ml-number">Last activity</Table.Th>
          <Table.Th w={50}>
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {projects.map((project) => (
          <ProjectRow key={project.project_id} project={project} />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function ProjectRow({ project }: { project: Project }) {
  const { statistics: counts } = project;
  const at = counts.last_activity_at ?? project.updated_at;
  return (
    <Table.Tr>
      <Table.Td maw={{ base: 190, sm: 360 }}>
        <Anchor
          component={Link}
          to={makeLink(`/projects/${encodeURIComponent(project.project_id)}`, project.project_id)}
          size="sm"
          className="ml-text"
          display="block"
        >
          {project.name}
        </Anchor>
        <Group gap="xs" wrap="nowrap">
          <Text size="xs" c="dimmed" className="ml-mono" style={{ flexShrink: 0 }}>
            {project.project_id}
          </Text>
          {project.description && (
            <Text size="xs" c="dimmed" className="ml-text">
              {project.description}
            </Text>
          )}
        </Group>
      </Table.Td>
      <Table.Td className="ml-number">{formatCount(counts.n_runs)}</Table.Td>
      <Table.Td className="ml-number">
        {counts.n_running > 0 ? <Badge color="blue">{formatCount(counts.n_running)}</Badge> : 0}
      </Table.Td>
      <Table.Td className="ml-number">{formatCount(counts.n_failed)}</Table.Td>
      <Table.Td className="ml-number">{formatCount(counts.n_datasets)}</Table.Td>
      <Table.Td className="ml-number">{formatBytes(counts.n_bytes)}</Table.Td>
      <Table.Td>
        <TagList tags={project.tags} limit={3} />
      </Table.Td>
      <Table.Td className="ml-number" title={formatMoment(at)}>
        {formatAgo(at)}
      </Table.Td>
      <Table.Td>
        <ProjectMenu project={project} />
      </Table.Td>
    </Table.Tr>
  );
}
