import { Anchor, Code, Group, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Schemas } from "~/api/client";
import { EmptyState } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { countOf, formatCount } from "~/format/number";
import { useLink } from "~/state/address";
import type { PartProps } from "../ComparisonView";
import { cutName, listSides, type Side } from "../comparison";
import { SideName } from "../SideName";

type Changed = Schemas["ChangedExamplesBody"];

/** Rows that one run had wrong and another has right, and the reverse, pair by pair. */
export default function ExamplesTab({ comparison }: PartProps) {
  const sides = listSides(comparison);
  const { changed_examples: pairs, split } = comparison;
  if (pairs.length === 0)
    return (
      <EmptyState
        title="No rows to compare"
        code={"run.log_evaluation(predictions=predictions, labels=labels)"}
      >
        Fixed and broken rows need classifications of two runs on the same rows, matched by their ids.
      </EmptyState>
    );
  return (
    <Stack gap="lg">
      <Text c="dimmed" maw="92ch">
        Fixed are rows that the run has right and the other one wrong; broken the reverse. McNemar's test on
        accuracy weighs these two counts against each other.
      </Text>
      {pairs.slice(0, MAX_PAIRS).map((pair) => (
        <ChangedPair key={`${pair.a} ${pair.b}`} pair={pair} sides={sides} split={split} />
      ))}
      {pairs.length > MAX_PAIRS && (
        <Text c="dimmed">
          The first {MAX_PAIRS} of {countOf(pairs.length, "pair")}; choose a baseline to have one pair for
          each run.
        </Text>
      )}
    </Stack>
  );
}

const MAX_PAIRS = 50;

function ChangedPair({
  pair,
  sides,
  split,
}: {
  pair: Changed;
  sides: ReadonlyMap<string, Side>;
  split: string;
}) {
  const [a, b] = [sides.get(pair.a), sides.get(pair.b)];
  return (
    <Section title={`${cutName(b?.label ?? pair.b)} against ${cutName(a?.label ?? pair.a)}`}>
      <Group gap="xs">
        <SideName side={b} id={pair.b} />
        <Text size="sm" c="dimmed">
          against
        </Text>
        <SideName side={a} id={pair.a} />
      </Group>
      <Table maw={320} aria-label="Rows by who has them right">
        <Table.Tbody>
          <CountRow label="Fixed" count={pair.n_fixed} n={pair.n} tone="better" />
          <CountRow label="Broken" count={pair.n_broken} n={pair.n} tone="worse" />
          <CountRow label="Both right" count={pair.n_both_right} n={pair.n} />
          <CountRow label="Both wrong" count={pair.n_both_wrong} n={pair.n} />
        </Table.Tbody>
      </Table>
      <Ids label="Fixed" ids={pair.fixed} total={pair.n_fixed} runId={pair.a} split={split} />
      <Ids label="Broken" ids={pair.broken} total={pair.n_broken} runId={pair.b} split={split} />
    </Section>
  );
}

function CountRow({
  label,
  count,
  n,
  tone,
}: {
  label: string;
  count: number;
  n: number;
  tone?: "better" | "worse";
}) {
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Text size="sm" c={tone && `var(--ml-${tone})`} fw={tone ? 600 : 400}>
          {label}
        </Text>
      </Table.Th>
      <Table.Td className="ml-number">{formatCount(count)}</Table.Td>
      <Table.Td className="ml-number">{n > 0 ? `${((100 * count) / n).toFixed(1)} %` : ""}</Table.Td>
    </Table.Tr>
  );
}

interface IdsProps {
  label: string;
  ids: readonly (string | number)[];
  total: number;
  /** The run that has these rows wrong: its failures show them. */
  runId: string;
  split: string;
}

function Ids({ label, ids, total, runId, split }: IdsProps) {
  const link = useLink();
  if (ids.length === 0) return null;
  return (
    <Stack gap={4}>
      <Group gap="sm">
        <Text size="sm" fw={600}>
          {label}
          {ids.length < total && `, the first ${formatCount(ids.length)} of ${formatCount(total)}`}
        </Text>
        <Anchor
          component={Link}
          size="sm"
          to={link(`/runs/${encodeURIComponent(runId)}/evaluation`, { evaluation: split, part: "failures" })}
        >
          Failures of the run that has them wrong
        </Anchor>
      </Group>
      <Group gap={4}>
        {ids.map((id) => (
          <Code key={id} className="ml-wrap">
            {id}
          </Code>
        ))}
      </Group>
    </Stack>
  );
}
