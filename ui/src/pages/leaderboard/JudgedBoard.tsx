import { Button, Group, Stack, Table, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { Link } from "react-router";
import { Problem } from "~/api/client";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { RunLink } from "~/components/RunLink";
import { WideTable } from "~/components/WideTable";
import {
  countOf,
  formatCount,
  formatDifference,
  formatInterval,
  formatNumber,
  formatP,
} from "~/format/number";
import { colorOf } from "~/format/run";
import { useLink } from "~/state/address";
import { Beware } from "../compare/Beware";
import { cutNames, MIN_COMPARED } from "../compare/comparison";
import { AxisTicks, RowMark } from "../compare/plots/IntervalAxis";
import { spanOf } from "../compare/plots/span";
import { explainTest, titleOfTest } from "../compare/verdict/tests";
import { type Entry, listTied, type Standing, standingOf } from "./choices";
import classes from "./leaderboard.module.css";
import { type Asked, useJudged } from "./queries";

/** The best runs by a metric of evaluations: sentences first, then intervals on one axis, ties together. */
export function JudgedBoard({ asked }: { asked: Asked }) {
  const found = useJudged(asked, true);
  if (found.error instanceof Problem && found.error.status === 404)
    return <EmptyState title="No run to rank">{found.error.detail}</EmptyState>;
  if (found.isError)
    return <ErrorState error={found.error} what="Ranking the runs" retry={() => found.refetch()} />;
  if (found.data === undefined) return <Loading />;
  const { entries, warnings, sentences, split, n_considered: n } = found.data;
  const labels = entries.map((entry) => entry.label);
  return (
    <Stack gap="lg" style={{ opacity: found.isPlaceholderData ? 0.6 : 1 }}>
      <div>
        {sentences.map((sentence) => (
          <Text key={sentence} className={classes.sentence}>
            {cutNames(sentence, labels)}
          </Text>
        ))}
      </div>
      <Beware warnings={warnings.map((warning) => cutNames(warning, labels))} />
      <CompareButtons entries={entries} split={split} metric={found.data.metric} />
      <JudgedTable entries={entries} metric={found.data.metric} />
      <Text size="sm" c="dimmed" maw="92ch">
        {found.data.higher_is_better ? "Higher" : "Lower"} is better. {formatCount(entries.length)} of{" "}
        {countOf(n, "run")} that {n === 1 ? "has" : "have"} it.{" "}
        {found.data.family_size > 0 &&
          `The shade is the interval of the first; overlapping intervals do not decide, the tests do, adjusted for ${found.data.family_size === 1 ? "the one pair" : `all ${formatCount(found.data.family_size)} pairs`} of the runs shown.`}
      </Text>
    </Stack>
  );
}

function CompareButtons({
  entries,
  split,
  metric,
}: {
  entries: readonly Entry[];
  split: string;
  metric: string;
}) {
  const link = useLink();
  const to = (chosen: readonly Entry[]) =>
    link("/compare", {
      run: chosen.map((entry) => entry.run_id),
      metric,
      ...(split !== "test" && { split }),
    });
  const tied = listTied(entries);
  if (entries.length < MIN_COMPARED) return null;
  return (
    <Group gap="sm">
      {tied.length > 0 && tied.length < entries.length && (
        <Button component={Link} to={to(tied)}>
          Compare the {tied.length} that cannot be told apart
        </Button>
      )}
      <Button variant="default" component={Link} to={to(entries)}>
        Compare all {entries.length}
      </Button>
    </Group>
  );
}

function JudgedTable({ entries, metric }: { entries: readonly Entry[]; metric: string }) {
  const range = spanOf(entries.flatMap((entry) => [entry.value, entry.interval?.low, entry.interval?.high]));
  const tied = listTied(entries);
  const last = tied.at(-1)?.rank ?? 0;
  return (
    <WideTable label="Leaderboard" minWidth={1040}>
      <Table.Thead>
        <Table.Tr>
          <Table.Td p={0} />
          <Table.Th className="ml-number">Rank</Table.Th>
          <Table.Th>Run</Table.Th>
          <Table.Th className="ml-number">{metric}</Table.Th>
          <Table.Th>
            <VisuallyHidden>Value with its interval</VisuallyHidden>
            <AxisTicks range={range} />
          </Table.Th>
          <Table.Th className="ml-number">Interval</Table.Th>
          <Table.Th className="ml-number">Rows</Table.Th>
          <Table.Th className="ml-number">To the first</Table.Th>
          <Table.Th className="ml-number">Adjusted p</Table.Th>
          <Table.Th>Against the first</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <JudgedRow
            key={entry.run_id}
            entry={entry}
            range={range}
            first={entries[0] ?? null}
            lastTied={last}
          />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

interface JudgedRowProps {
  entry: Entry;
  range: readonly [number, number];
  first: Entry | null;
  /** The rank of the last one that cannot be told apart from the first; 0 without ties. */
  lastTied: number;
}

function JudgedRow({ entry, range, first, lastTied }: JudgedRowProps) {
  const standing = standingOf(entry);
  const isTied = lastTied > 0 && (standing === "first" || standing === "tied");
  return (
    <Table.Tr className={isTied ? classes.tied : undefined}>
      <Table.Td className={bracketOf(entry.rank, isTied, lastTied)} p={0} />
      <Table.Td className="ml-number">{entry.rank}</Table.Td>
      <Table.Td maw={260}>
        <RunLink run={{ run_id: entry.run_id, name: entry.name }} />
      </Table.Td>
      <Table.Td className="ml-number">{formatNumber(entry.value)}</Table.Td>
      <Table.Td>
        <RowMark
          range={range}
          value={entry.value}
          low={entry.interval?.low}
          high={entry.interval?.high}
          color={colorOf(entry.run_id)}
          first={entry === first ? null : (first?.interval ?? null)}
        />
      </Table.Td>
      <Table.Td className="ml-number">{formatInterval(entry.interval?.low, entry.interval?.high)}</Table.Td>
      <Table.Td className="ml-number">{entry.n === null ? "–" : formatCount(entry.n)}</Table.Td>
      <Table.Td className="ml-number">
        {formatDifference(entry.difference)}
        {entry.difference_interval && (
          <Text size="xs" c="dimmed">
            {formatInterval(entry.difference_interval.low, entry.difference_interval.high)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="ml-number">
        <Tooltip
          multiline
          maw={320}
          label={`${titleOfTest(entry.test)}. ${explainTest(entry.test) ?? ""}`}
          disabled={entry.test === null}
        >
          <span>{formatP(entry.adjusted_p)}</span>
        </Tooltip>
      </Table.Td>
      <Table.Td>
        <StandingText standing={standing} note={entry.note} />
      </Table.Td>
    </Table.Tr>
  );
}

function bracketOf(rank: number, isTied: boolean, lastTied: number): string | undefined {
  if (lastTied === 0 || rank > lastTied) return undefined;
  const end = rank === 1 ? classes.begin : rank === lastTied ? classes.end : "";
  return `${classes.bracket} ${end} ${isTied ? "" : classes.between}`;
}

const STANDINGS: Record<Standing, string> = {
  first: "",
  tied: "cannot be told apart",
  apart: "worse",
  untested: "not tested",
};

function StandingText({ standing, note }: { standing: Standing; note: string | null }) {
  return (
    <>
      <Text
        size="sm"
        c={standing === "apart" ? "var(--ml-worse)" : "var(--ml-unsure)"}
        style={{ whiteSpace: "nowrap" }}
      >
        {STANDINGS[standing]}
      </Text>
      {note && (
        <Text size="xs" c="dimmed" maw={240} className="ml-wrap">
          {note}
        </Text>
      )}
    </>
  );
}
