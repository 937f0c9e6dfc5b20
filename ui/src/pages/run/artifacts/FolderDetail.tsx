import { Anchor, Button, Group, Pagination, Stack, Table, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { root as pageRoot } from "~/api/client";
import { CodeBlock } from "~/components/CodeBlock";
import { WideTable } from "~/components/WideTable";
import { countOf, formatBytes } from "~/format/number";
import { quoteForShell } from "~/format/shell";
import { formatAgo, formatMoment } from "~/format/time";
import { addressOf } from "./queries";
import { RemoveButton } from "./RemoveButton";
import { type Folder, filesBelow, nameOf } from "./tree";

const PAGE_SIZE = 100;
/** Removing is one request a file; beyond this, the command line is the better place. */
const MAX_REMOVED = 500;

interface FolderDetailProps {
  folder: Folder;
  runId: string;
  isWritable: boolean;
  onChoose: (path: string) => void;
}

/** A folder: what is directly in it, how to fetch all of it, and its list as a text. */
export function FolderDetail({ folder, runId, isWritable, onChoose }: FolderDetailProps) {
  const [page, setPage] = useState(1);
  const rows = [
    ...folder.folders.map((below) => ({
      path: below.path,
      name: `${below.name}/`,
      size: below.size,
      what: countOf(below.nFiles, "file"),
      at: null as string | null,
    })),
    ...folder.files.map((file) => ({
      path: file.path,
      name: nameOf(file.path),
      size: file.size,
      what: file.media_type,
      at: file.created_at as string | null,
    })),
  ];
  const pages = Math.max(Math.ceil(rows.length / PAGE_SIZE), 1);
  const at = Math.min(page, pages);
  return (
    <Stack gap="sm" component="section" aria-label={folder.path || "All files"}>
      <Group justify="space-between" gap="sm">
        <Text fw={600} className="ml-wrap">
          {folder.path || "All files"}
        </Text>
        <Group gap="xs">
          <ListButton folder={folder} runId={runId} />
          {isWritable && folder.path !== "" && folder.nFiles <= MAX_REMOVED && (
            <RemoveButton
              runId={runId}
              paths={filesBelow(folder).map(({ path }) => path)}
              name={folder.path}
              kind="folder"
              holds={`${countOf(folder.nFiles, "file")} and ${formatBytes(folder.size)}`}
              onRemoved={() => onChoose("")}
            />
          )}
        </Group>
      </Group>
      {folder.path !== "" && (
        <CodeBlock
          label="Copy the command"
          code={`modellab download ${runId} ${quoteForShell(folder.path)}`}
        />
      )}
      <WideTable label="Files of the folder">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th className="ml-number">Size</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Logged</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice((at - 1) * PAGE_SIZE, at * PAGE_SIZE).map((row) => (
            <Table.Tr key={row.path}>
              <Table.Td>
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  className="ml-wrap"
                  ta="left"
                  onClick={() => onChoose(row.path)}
                >
                  {row.name}
                </Anchor>
              </Table.Td>
              <Table.Td className="ml-number">{formatBytes(row.size)}</Table.Td>
              <Table.Td c="dimmed">{row.what}</Table.Td>
              <Table.Td c="dimmed" title={row.at === null ? undefined : formatMoment(row.at)}>
                {row.at !== null && formatAgo(row.at)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {pages > 1 && (
        <Pagination
          size="sm"
          total={pages}
          value={at}
          onChange={setPage}
          getControlProps={(control) => ({ "aria-label": `${control} page` })}
        />
      )}
    </Stack>
  );
}

/** The addresses of all files below, a line each, as `wget -i` and `aria2c -i` take them. */
function ListButton({ folder, runId }: { folder: Folder; runId: string }) {
  const save = () => {
    const origin = window.location.origin + pageRoot;
    const lines = filesBelow(folder)
      .filter((file) => file.is_stored)
      .map((file) => origin + addressOf(runId, file.path));
    const address = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${nameOf(folder.path) || "artifacts"}.txt`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Button variant="default" leftSection={<IconDownload size={14} />} onClick={save}>
      Addresses of {countOf(folder.nFiles, "file")}
    </Button>
  );
}
