import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Section } from "~/components/Page";
import { countOf, formatCount } from "~/format/number";
import { useAddress } from "~/state/address";
import { Beware } from "../Beware";
import type { PartProps } from "../ComparisonView";
import {
  type Comparison,
  comparesGroups,
  countWords,
  cutNames,
  listScope,
  listSides,
  type PairVerdict,
  sortByWord,
  toneOf,
} from "../comparison";
import { GroupTable } from "./GroupTable";
import { PairTable } from "./PairTable";
import { sayNeeded } from "./power";
import { VerdictWord } from "./VerdictWord";
import classes from "./verdict.module.css";

/** What can be said: the sentences first, then what to beware of, then the numbers they rest on. */
export function VerdictTab({ comparison }: PartProps) {
  const sides = listSides(comparison);
  const labels = [...sides.values()].map((side) => side.label);
  const [others] = useAddress("others");
  const { verdicts, secondary } = comparison;
  return (
    <Stack gap="lg">
      <Sentences comparison={comparison} labels={labels} />
      <Beware warnings={comparison.warnings.map((text) => cutNames(text, labels))} />
      {comparison.groups.length > 0 && <GroupTable comparison={comparison} />}
      {verdicts.length > 0 && (
        <Section title={`Pairs on ${comparison.primary_metric}`}>
          <PairTable verdicts={verdicts} sides={sides} minEffect={comparison.min_effect} />
        </Section>
      )}
      {secondary.length > 0 && <OtherMetrics verdicts={secondary} sides={sides} opened={others === "1"} />}
    </Stack>
  );
}

const FIRST = 5;

/** The verdicts in words, those that say something first. */
function Sentences({ comparison, labels }: { comparison: Comparison; labels: readonly string[] }) {
  const [all, setAll] = useState(false);
  const sorted = sortByWord(comparison.verdicts);
  const shown = all ? sorted : sorted.slice(0, FIRST);
  const scope = listScope(comparison);
  return (
    <section aria-label="Verdict">
      <Stack gap="md">
        {sorted.length > 1 && <Counts verdicts={sorted} isGrouped={comparesGroups(comparison)} />}
        <ul className={classes.sentences}>
          {shown.map((verdict) => (
            <Sentence
              key={`${verdict.a} ${verdict.b}`}
              verdict={verdict}
              minEffect={comparison.min_effect}
              isOnly={sorted.length === 1}
              labels={labels}
            />
          ))}
        </ul>
        {sorted.length > FIRST && (
          <div>
            <Button variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
              {all ? `Show the first ${FIRST}` : `Show all ${formatCount(sorted.length)} sentences`}
            </Button>
          </div>
        )}
        {scope.map((sentence) => (
          <Text key={sentence} c="dimmed" className="ml-wrap" maw="92ch">
            {sentence}
          </Text>
        ))}
      </Stack>
    </section>
  );
}

function Counts({ verdicts, isGrouped }: { verdicts: readonly PairVerdict[]; isGrouped: boolean }) {
  return (
    <Group gap="md">
      <Text>
        {formatCount(verdicts.length)} pairs of {isGrouped ? "seed groups" : "runs"}:
      </Text>
      {countWords(verdicts).map(([word, count]) => (
        <Group key={word} gap={4} wrap="nowrap">
          <Text>{formatCount(count)}</Text>
          <VerdictWord word={word} />
        </Group>
      ))}
    </Group>
  );
}

interface SentenceProps {
  verdict: PairVerdict;
  minEffect: number | null;
  isOnly: boolean;
  labels: readonly string[];
}

function Sentence({ verdict, minEffect, isOnly, labels }: SentenceProps) {
  const needed = sayNeeded(verdict, minEffect).filter((text) => !verdict.sentence.includes(text));
  return (
    <li
      className={`${classes.sentence} ${isOnly ? classes.single : ""}`}
      style={{ "--tone": `var(--ml-${toneOf(verdict.verdict)})` } as React.CSSProperties}
    >
      {isOnly && <VerdictWord word={verdict.verdict} size="md" />}
      {cutNames(verdict.sentence, labels)}
      {isOnly && needed.length > 0 && (
        <p className={classes.needed}>
          <strong>To tell: </strong>
          {needed.join(" ")}
        </p>
      )}
    </li>
  );
}

interface OtherMetricsProps {
  verdicts: readonly PairVerdict[];
  sides: ReturnType<typeof listSides>;
  opened: boolean;
}

function OtherMetrics({ verdicts, sides, opened }: OtherMetricsProps) {
  const [, setOpened] = useAddress("others");
  return (
    <Section
      title="Other metrics"
      actions={
        <Button variant="default" aria-expanded={opened} onClick={() => setOpened(opened ? null : "1")}>
          {opened ? "Hide" : `Show ${countOf(verdicts.length, "pair")}`}
        </Button>
      }
    >
      <Text size="sm" c="dimmed" maw="92ch">
        P-values here are adjusted for the pairs of each metric, and not for how many metrics there are: take
        a single one that stands out as a hint.
      </Text>
      {opened && <PairTable verdicts={verdicts} sides={sides} minEffect={null} showMetric />}
    </Section>
  );
}
