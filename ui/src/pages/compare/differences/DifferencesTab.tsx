import { Stack, Switch, Text } from "@mantine/core";
import { ErrorState, Loading } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { useAddress } from "~/state/address";
import type { PartProps } from "../ComparisonView";
import { listSides } from "../comparison";
import { useWholeRuns, type WholeRun } from "../queries";
import { CodeDifferences } from "./CodeDifferences";
import { addEqual, type Row, readConfig, readPackages, readParams, readRows } from "./listing";
import { ValueTable } from "./ValueTable";

/** In what the runs differ beside their results: params, config, code, environment, packages. */
export default function DifferencesTab({ comparison, asked }: PartProps) {
  const [all, setAll] = useAddress("all");
  const showsAll = all === "1";
  const whole = useWholeRuns(asked.runIds, showsAll);
  const sides = listSides(comparison);
  const { params, config, environment, packages, code } = comparison.differences;
  const complete = (rows: readonly Row[], read: (run: WholeRun) => ReadonlyMap<string, unknown>) =>
    showsAll ? addEqual(rows, whole.data, read) : [...rows];
  const parts = [
    { title: "Params", rows: complete(readRows(params), readParams) },
    { title: "Configuration", rows: complete(readRows(config), readConfig) },
    { title: "Environment", rows: readRows(environment) },
    { title: "Packages", rows: complete(readRows(packages), readPackages) },
  ];
  return (
    <Stack gap="lg">
      <Switch
        size="xs"
        label="Also what is the same"
        checked={showsAll}
        onChange={(event) => setAll(event.currentTarget.checked ? "1" : null)}
      />
      {showsAll && whole.isPending && <Loading lines={2} />}
      {whole.error && <ErrorState error={whole.error} what="Reading the runs" />}
      {parts.map(({ title, rows }) => (
        <Section key={title} title={title}>
          {rows.length > 0 ? (
            <ValueTable title={title} rows={rows} runIds={asked.runIds} sides={sides} />
          ) : (
            <Text c="dimmed">The same in every run.</Text>
          )}
        </Section>
      ))}
      <Section title="Code">
        <CodeDifferences found={code} sides={sides} />
      </Section>
    </Stack>
  );
}
