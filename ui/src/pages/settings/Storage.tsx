import { Anchor, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { useProjects } from "~/app/projects";
import { useStorage } from "~/app/storage";
import { Facts } from "~/components/Facts";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { WideTable } from "~/components/WideTable";
import { countOf, formatBytes, formatCount } from "~/format/number";
import { makeLink } from "~/state/address";
import classes from "./Storage.module.css";

type ProjectStorage = NonNullable<ReturnType<typeof useStorage>["data"]>["projects"][number];

const PARTS = [
  { field: "artifact_bytes", label: "artifacts", color: "var(--ml-accent)" },
  { field: "dataset_bytes", label: "datasets", color: "var(--ml-better)" },
  { field: "trash_bytes", label: "trash", color: "var(--ml-unsure)" },
] as const;

/** How much room things take, by project. */
export function Storage() {
  const found = useStorage();
  if (found.isPending) return <Loading />;
  if (found.isError)
    return <ErrorState error={found.error} what="Measuring the storage" retry={() => void found.refetch()} />;
  const { database_bytes, kept_bytes, n_points, trash_bytes, trash_days, projects } = found.data;
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          database_bytes === null ? null : { label: "Database", value: formatBytes(database_bytes) },
          kept_bytes === null ? null : { label: "Kept files", value: formatBytes(kept_bytes) },
          { label: "Points of metrics", value: formatCount(n_points) },
          {
            label: "In the trash",
            value: (
              <Anchor component={Link} inherit to="/trash">
                {formatBytes(trash_bytes)}
              </Anchor>
            ),
          },
          {
            label: "Trash is purged",
            value: trash_days > 0 ? `after ${countOf(trash_days, "day")}` : "by hand only",
          },
        ]}
      />
      {projects.length === 0 ? (
        <EmptyState title="Nothing is kept yet">Files of runs and datasets are counted here.</EmptyState>
      ) : (
        <ProjectBars projects={projects} />
      )}
    </Stack>
  );
}

function ProjectBars({ projects }: { projects: readonly ProjectStorage[] }) {
  const named = useProjects();
  const nameOf = (id: string | null) =>
    id === null ? "No project" : (named.data?.items.find(({ project_id }) => project_id === id)?.name ?? id);
  const most = Math.max(1, ...projects.map(totalOf));
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed" component="div" className={classes.legend}>
        {PARTS.map(({ field, label, color }) => (
          <span key={field}>
            <span className={classes.swatch} style={{ background: color }} /> {label}
          </span>
        ))}
      </Text>
      <WideTable label="Storage by project" minWidth={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Project</Table.Th>
            <Table.Th className="ml-number">Runs</Table.Th>
            <Table.Th className="ml-number">Points</Table.Th>
            <Table.Th className="ml-number">Files</Table.Th>
            <Table.Th w="40%">Of which</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {projects.map((project) => (
            <Table.Tr key={project.project_id ?? ""}>
              <Table.Td maw={{ base: 170, sm: 280 }} className="ml-text">
                {project.project_id === null ? (
                  "No project"
                ) : (
                  <Anchor
                    component={Link}
                    size="sm"
                    to={makeLink(`/projects/${encodeURIComponent(project.project_id)}`, null)}
                  >
                    {nameOf(project.project_id)}
                  </Anchor>
                )}
              </Table.Td>
              <Table.Td className="ml-number">{formatCount(project.n_runs)}</Table.Td>
              <Table.Td className="ml-number">{formatCount(project.n_points)}</Table.Td>
              <Table.Td className="ml-number">{formatBytes(totalOf(project))}</Table.Td>
              <Table.Td>
                <Bar project={project} most={most} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}

function Bar({ project, most }: { project: ProjectStorage; most: number }) {
  const said = PARTS.map(({ field, label }) => `${label} ${formatBytes(project[field])}`).join(", ");
  return (
    <div className={classes.bar} role="img" aria-label={said} title={said}>
      {PARTS.map(({ field, color }) => (
        <span key={field} style={{ width: `${(project[field] / most) * 100}%`, background: color }} />
      ))}
    </div>
  );
}

function totalOf(project: ProjectStorage): number {
  return PARTS.reduce((sum, { field }) => sum + project[field], 0);
}
