import { Button, Group, Popover, Stack, Table, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { WideTable } from "~/components/WideTable";
import {
  countOf,
  formatCount,
  formatDifference,
  formatInterval,
  formatNumber,
  formatP,
} from "~/format/number";
import { type listSides, type PairVerdict, rangeOfDifferences, toneOf } from "../comparison";
import { DifferenceBar } from "../plots/DifferenceBar";
import { SideName } from "../SideName";
import { sayNeeded } from "./power";
import { explainTest, titleOfMethod, titleOfTest } from "./tests";
import { VerdictWord } from "./VerdictWord";
import classes from "./verdict.module.css";

interface PairTableProps {
  verdicts: readonly PairVerdict[];
  sides: ReturnType<typeof listSides>;
  minEffect: number | null;
  showMetric?: boolean;
}

const FIRST = 60;

/** Each pair with its difference and interval, the test and what it rests on. */
export function PairTable({ verdicts, sides, minEffect, showMetric = false }: PairTableProps) {
  const [all, setAll] = useState(false);
  const shown = all ? verdicts : verdicts.slice(0, FIRST);
  // Metrics have units of their own, so only pairs of one share an axis.
  const ranges = new Map(
    [...new Set(verdicts.map((verdict) => verdict.metric))].map((metric) => [
      metric,
      rangeOfDifferences(verdicts.filter((verdict) => verdict.metric === metric)),
    ]),
  );
  return (
    <Stack gap="xs">
      <WideTable label="Pairs" minWidth={showMetric ? 1120 : 1000}>
        <Table.Thead>
          <Table.Tr>
            {showMetric && <Table.Th>Metric</Table.Th>}
            <Table.Th>Run</Table.Th>
            <Table.Th>Against</Table.Th>
            <Table.Th>Verdict</Table.Th>
            <Table.Th className="ml-number">Difference</Table.Th>
            <Table.Th>
              <AxisTitle range={showMetric ? null : (ranges.get(verdicts[0]?.metric ?? "") ?? null)} />
            </Table.Th>
            <Table.Th className="ml-number">Interval</Table.Th>
            <Table.Th className="ml-number">p</Table.Th>
            <Table.Th className="ml-number">Adjusted p</Table.Th>
            <Table.Th>Test, on</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((verdict) => (
            <PairRow
              key={`${verdict.metric} ${verdict.a} ${verdict.b}`}
              verdict={verdict}
              sides={sides}
              minEffect={minEffect}
              showMetric={showMetric}
              range={ranges.get(verdict.metric) ?? [-1, 1]}
            />
          ))}
        </Table.Tbody>
      </WideTable>
      {verdicts.length > FIRST && (
        <Group>
          <Button variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? `Show the first ${FIRST}` : `Show all ${formatCount(verdicts.length)} pairs`}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function AxisTitle({ range }: { range: readonly [number, number] | null }) {
  if (range === null) return "Around 0";
  return (
    <Group justify="space-between" wrap="nowrap" w={150} fz={11} fw={400} c="dimmed">
      <span>{formatNumber(range[0], 2)}</span>
      <span>0</span>
      <span>{formatNumber(range[1], 2)}</span>
    </Group>
  );
}

interface PairRowProps extends Omit<PairTableProps, "verdicts"> {
  verdict: PairVerdict;
  range: readonly [number, number];
}

function PairRow({ verdict, sides, minEffect, showMetric, range }: PairRowProps) {
  const { interval } = verdict;
  return (
    <Table.Tr>
      {showMetric && <Table.Td className="ml-wrap">{verdict.metric}</Table.Td>}
      <Table.Td className={classes.side}>
        <SideName side={sides.get(verdict.b)} id={verdict.b} />
      </Table.Td>
      <Table.Td className={classes.side}>
        <SideName side={sides.get(verdict.a)} id={verdict.a} />
      </Table.Td>
      <Table.Td>
        <Explained
          label={`About the verdict: ${verdict.verdict}`}
          target={<VerdictWord word={verdict.verdict} />}
        >
          <VerdictDetails verdict={verdict} minEffect={minEffect} />
        </Explained>
      </Table.Td>
      <Table.Td className="ml-number">{formatDifference(verdict.difference)}</Table.Td>
      <Table.Td>
        <DifferenceBar
          difference={verdict.difference}
          low={interval?.low}
          high={interval?.high}
          range={range}
          tone={toneOf(verdict.verdict)}
          margin={minEffect}
        />
      </Table.Td>
      <Table.Td className="ml-number">{formatInterval(interval?.low, interval?.high)}</Table.Td>
      <Table.Td className="ml-number">{formatP(verdict.p_value)}</Table.Td>
      <Table.Td className="ml-number">{formatP(verdict.adjusted_p)}</Table.Td>
      <Table.Td>
        <TestName verdict={verdict} />
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {verdict.n_text || verdict.basis}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

/** The sentence, the values of both sides, what would be needed, and the notes. */
function VerdictDetails({ verdict, minEffect }: { verdict: PairVerdict; minEffect: number | null }) {
  const check = verdict.equivalence;
  return (
    <>
      <Text size="sm" className="ml-wrap">
        {verdict.sentence}
      </Text>
      {verdict.a_value !== null && verdict.b_value !== null && (
        <Text size="sm">
          {formatNumber(verdict.b_value)} against {formatNumber(verdict.a_value)} on what was compared.
        </Text>
      )}
      {check && (
        <Text size="sm">
          Within ±{formatNumber(check.margin)}: {Math.round(check.level * 100)} % interval{" "}
          {formatInterval(check.low, check.high)}, p of the two one-sided tests {formatP(check.adjusted_p)}.
        </Text>
      )}
      {[...sayNeeded(verdict, minEffect), ...verdict.notes].map((text) => (
        <Text size="sm" key={text} className="ml-wrap">
          {text}
        </Text>
      ))}
    </>
  );
}

function TestName({ verdict }: { verdict: PairVerdict }) {
  const title = titleOfTest(verdict.test);
  if (verdict.test === null) return <Text size="sm">{title}</Text>;
  const { interval } = verdict;
  return (
    <Explained label={`About the test: ${title}`} target={<Text size="sm">{title}</Text>}>
      <Text size="sm">
        {explainTest(verdict.test) ?? "The verdicts page of the documentation says what it asks."}
      </Text>
      {interval && (
        <Text size="sm">
          Interval: {titleOfMethod(interval.method)}
          {interval.n_resamples > 0 && `, ${formatCount(interval.n_resamples)} resamples`}.
        </Text>
      )}
      {interval?.note && <Text size="sm">{interval.note}</Text>}
      {verdict.family_size > 1 && (
        <Text size="sm">
          Adjusted by Holm's method for {countOf(verdict.family_size, "pair")}: the more pairs, the more
          differ by chance.
        </Text>
      )}
    </Explained>
  );
}

/** What can be clicked for more about it. */
function Explained({
  target,
  label,
  children,
}: {
  target: React.ReactNode;
  label: string;
  children: React.ReactNode;
}) {
  return (
    <Popover width={340} shadow="md" withArrow position="bottom-start">
      <Popover.Target>
        <UnstyledButton
          aria-label={label}
          style={{ borderBottom: "1px dotted var(--mantine-color-dimmed)", whiteSpace: "nowrap" }}
        >
          {target}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">{children}</Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
