import { Box, Stack, Table, Text } from "@mantine/core";
import { EmptyState } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { WideTable } from "~/components/WideTable";
import { formatCount, formatNumber, formatP } from "~/format/number";
import classes from "./Evaluation.module.css";
import { nameTest } from "./metricRows";
import type { StressFamily, StressPoint, StressReport } from "./report";
import stressClasses from "./Stress.module.css";
import { largestDrop, nameFamily, showAmount, sortFamilies } from "./stressRows";

const CODE = `def predict(rows):            # data of the kind that you hand over
    return model.predict_proba(rows)[:, 1]

run.log_evaluation(predictions=scores, labels=labels, data=rows, predict=predict, split="test")`;

/** What happens to the model when the data is not as it should be. */
export function StressPart({ report }: { report: StressReport }) {
  if (!report.ran)
    return (
      <EmptyState title="Stress tests were not run" code={CODE}>
        {report.reason}. They change the data (cells go missing, numbers are scaled, categories are new) and
        ask the model again, so they need it: hand over <code>predict</code>.
      </EmptyState>
    );
  const most = largestDrop(report);
  return (
    <Stack gap="lg">
      <Text size="sm" maw="78ch">
        On the data as it is, {report.metric} is {formatNumber(report.clean)}. A drop is relative to that, on
        the same rows; adjusted p takes all tests into account (Holm).
      </Text>
      {report.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed" className="ml-wrap">
          {note}
        </Text>
      ))}
      {sortFamilies(report.families).map((family) => (
        <FamilySection key={family.family} family={family} metric={report.metric ?? "value"} most={most} />
      ))}
    </Stack>
  );
}

function FamilySection({ family, metric, most }: { family: StressFamily; metric: string; most: number }) {
  const isByColumn = family.severities.some(({ column }) => column !== null);
  return (
    <Section title={nameFamily(family.family)}>
      <Text size="xs" c="dimmed" className="ml-wrap">
        {family.unit}
        {family.mean_relative_drop !== null && (
          <> · mean relative drop {formatNumber(100 * family.mean_relative_drop, 3)} %</>
        )}
      </Text>
      {family.reason && (
        <Text size="sm" c="dimmed">
          Not run: {family.reason}.
        </Text>
      )}
      {family.severities.length > 0 && (
        <Box maw={900}>
          <WideTable label={`${nameFamily(family.family)}, point by point`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{isByColumn ? "Column" : "Amount"}</Table.Th>
                <Table.Th className="ml-number">{metric}</Table.Th>
                <Table.Th className="ml-number">Relative drop</Table.Th>
                <Table.Td />
                <Table.Th className="ml-number">Answers that change</Table.Th>
                <Table.Th className="ml-number">adjusted p</Table.Th>
                <Table.Th className="ml-number">Rows</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {family.severities.map((point) => (
                <PointRow
                  key={`${point.column}\n${point.severity}`}
                  point={point}
                  family={family.family}
                  most={most}
                />
              ))}
            </Table.Tbody>
          </WideTable>
        </Box>
      )}
    </Section>
  );
}

function PointRow({ point, family, most }: { point: StressPoint; family: string; most: number }) {
  const name = point.column ?? showAmount(family, point.amount);
  const drop = point.relative_drop;
  if (point.error !== null)
    return (
      <Table.Tr>
        <RowName name={name} />
        <Table.Td colSpan={6}>
          <Text size="sm" c="var(--ml-worse)" className="ml-wrap">
            {point.error}
          </Text>
        </Table.Td>
      </Table.Tr>
    );
  const isNotable = point.adjusted_p !== null && point.adjusted_p < 0.05;
  return (
    <Table.Tr>
      <RowName name={name} />
      <Table.Td className="ml-number">{formatNumber(point.value)}</Table.Td>
      <Table.Td className="ml-number">{drop === null ? "–" : `${formatNumber(100 * drop, 3)} %`}</Table.Td>
      <Table.Td>
        <div className={stressClasses.track} aria-hidden="true">
          <div
            className={stressClasses.drop}
            data-notable={isNotable}
            style={{ width: `${(100 * Math.max(drop ?? 0, 0)) / most}%` }}
          />
        </div>
      </Table.Td>
      <Table.Td className="ml-number">
        {point.flip_rate === null ? "–" : `${formatNumber(100 * point.flip_rate, 3)} %`}
      </Table.Td>
      <Table.Td className="ml-number" fw={isNotable ? 600 : undefined} title={nameTest(point.test)}>
        {formatP(point.adjusted_p)}
      </Table.Td>
      <Table.Td className="ml-number">{formatCount(point.n)}</Table.Td>
    </Table.Tr>
  );
}

function RowName({ name }: { name: string }) {
  return (
    <Table.Th scope="row" fw={400} title={name}>
      <div className={`ml-text ${classes.cell}`}>{name}</div>
    </Table.Th>
  );
}
