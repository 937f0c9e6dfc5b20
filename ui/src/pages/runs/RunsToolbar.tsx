import { Button, Group, Menu, SegmentedControl, Text } from "@mantine/core";
import { IconBaselineDensityMedium, IconCheck, IconStack2 } from "@tabler/icons-react";
import { DENSITIES, useDensity } from "~/app/density";
import { countOf, formatCount } from "~/format/number";
import { ColumnPicker } from "./ColumnPicker";
import { type Column, curveOf, type Fields } from "./columns";
import { ExportMenu } from "./ExportMenu";
import { type TableRequest, useTotal } from "./queries";
import { ViewsMenu } from "./ViewsMenu";
import type { RunsView } from "./viewState";

interface RunsToolbarProps {
  view: RunsView;
  change: (change: Partial<RunsView>) => void;
  columns: readonly Column[];
  fields: Fields | undefined;
  asked: TableRequest;
  total: number | undefined;
  chosen: ReadonlySet<string>;
}

/** How the runs are shown: saved views, rows or groups, columns, density, and the way to a file. */
export function RunsToolbar({ view, change, columns, asked, total, chosen }: RunsToolbarProps) {
  const isGrouped = view.groupBy.length > 0;
  const all = useTotal(asked);
  const shown = columns.map(({ field }) => field).filter((field) => curveOf(field) === null);
  return (
    <Group gap="sm">
      <ViewsMenu />
      <SegmentedControl
        aria-label="Rows or groups"
        value={isGrouped ? "groups" : "runs"}
        onChange={(value) => change({ groupBy: value === "groups" ? ["seed"] : [] })}
        data={[
          { value: "runs", label: "Runs" },
          { value: "groups", label: <Grouped /> },
        ]}
      />
      {!isGrouped && (
        <>
          <ColumnPicker
            columns={columns}
            set={(chosenColumns) => change({ columns: chosenColumns })}
            reset={() => change({ columns: null })}
          />
          <DensityMenu />
          <ExportMenu asked={{ ...asked, fields: shown }} total={total ?? 0} chosen={chosen} />
          {total !== undefined && (
            <Text size="sm" c="dimmed" ml="auto" role="status">
              {asked.query !== "" && all !== undefined
                ? `${formatCount(total)} of ${countOf(all, "run")}`
                : countOf(total, "run")}
            </Text>
          )}
        </>
      )}
    </Group>
  );
}

function Grouped() {
  return (
    <Group gap={4} wrap="nowrap">
      <IconStack2 size={14} /> Groups
    </Group>
  );
}

function DensityMenu() {
  const [density, setDensity] = useDensity();
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<IconBaselineDensityMedium size={15} />}>
          Density
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {DENSITIES.map(({ value, label }) => (
          <Menu.Item
            key={value}
            onClick={() => setDensity(value)}
            rightSection={density.value === value ? <IconCheck size={14} aria-label="chosen" /> : null}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
