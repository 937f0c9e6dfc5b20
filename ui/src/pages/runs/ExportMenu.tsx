import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { root } from "~/api/client";
import { countOf } from "~/format/number";
import { exportAddress, MAX_RUN_IDS, reportAddress, type TableRequest } from "./queries";

const FORMATS = [
  ["csv", "CSV"],
  ["jsonl", "JSON lines"],
  ["parquet", "Parquet"],
] as const;

const MAX_REPORTED = 50;

interface ExportMenuProps {
  asked: TableRequest;
  total: number;
  chosen: ReadonlySet<string>;
}

/**
 * The table as a file: the columns, runs and order that one sees, all of them and not only those in sight; and
 * what can be said of these runs as a report.
 */
export function ExportMenu({ asked, total, chosen }: ExportMenuProps) {
  const isChosen = chosen.size > 0 && chosen.size <= MAX_RUN_IDS;
  const what = (count: number) => `${countOf(count, "run")}, ${countOf(asked.fields.length, "column")}`;
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={15} />} disabled={total === 0}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>As shown: {what(total)}</Menu.Label>
        <Formats asked={asked} ids={[]} />
        <Reports asked={asked} ids={[]} />
        {isChosen && (
          <>
            <Menu.Label>Chosen only: {what(chosen.size)}</Menu.Label>
            <Formats asked={asked} ids={[...chosen]} />
            {chosen.size <= MAX_REPORTED && <Reports asked={asked} ids={[...chosen]} />}
          </>
        )}
        {chosen.size > MAX_RUN_IDS && (
          <Menu.Label>Up to {MAX_RUN_IDS} chosen runs can be exported alone</Menu.Label>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Formats({ asked, ids }: { asked: TableRequest; ids: readonly string[] }) {
  return FORMATS.map(([format, label]) => (
    <Menu.Item key={format} component="a" href={root + exportAddress(asked, format, ids)} download>
      {label}
    </Menu.Item>
  ));
}

function Reports({ asked, ids }: { asked: TableRequest; ids: readonly string[] }) {
  return (
    <>
      <Menu.Item component="a" href={root + reportAddress(asked, "html", ids)} target="_blank">
        Report, a page
      </Menu.Item>
      <Menu.Item component="a" href={root + reportAddress(asked, "md", ids)} download="report.md">
        Report, Markdown
      </Menu.Item>
    </>
  );
}
