import {
  Badge,
  Button,
  CloseButton,
  CopyButton,
  Group,
  Pagination,
  Stack,
  Table,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { WideTable } from "~/components/WideTable";
import { countOf, formatCount, formatNumber } from "~/format/number";
import { useAddress, useSetAddress } from "~/state/address";
import { countPair } from "./confusion";
import failureClasses from "./Failures.module.css";
import {
  chooseFailures,
  describeThresholds,
  explainCategory,
  type FailureRow,
  listFeatures,
  showAnswer,
  showFeature,
} from "./failureRows";
import { type FailureCategory, type FailurePair, nameClass, type Report } from "./report";
import { nameControl } from "./SlicesPart";

const PAGE_SIZE = 25;

/** The rows that went wrong, sorted into six categories that say where to look first. */
export function FailuresPart({ report: whole }: { report: Report }) {
  const { failures: report, task_type: taskType } = whole;
  const [category, setCategory] = useAddress("category");
  const [label] = useAddress("label");
  const [predicted] = useAddress("predicted");
  const rows = chooseFailures(report, { category, label, predicted });
  const chosen = report.categories.find(({ id }) => id === category);
  return (
    <Stack gap="md">
      <Text size="sm" maw="78ch">
        {countOf(report.n_errors, "error")} in {countOf(report.n, "row")} (
        {formatNumber((100 * report.n_errors) / Math.max(report.n, 1), 3)} %).{" "}
        {report.scale !== null &&
          `A row is an error here if it is off by more than ${formatNumber(report.scale)}, the robust standard deviation of the errors: a third of normal ones are. `}
        Every error is in one category, the first that fits.
      </Text>
      <fieldset className={failureClasses.categories} aria-label="Categories of failures">
        {report.categories.map((each) => (
          <CategoryButton
            key={each.id}
            category={each}
            isChosen={each.id === category}
            onChoose={() => setCategory(each.id === category ? null : each.id)}
          />
        ))}
      </fieldset>
      {chosen && describeThresholds(chosen) !== "" && (
        <Text size="xs" c="dimmed">
          {chosen.title}: {describeThresholds(chosen)}.
        </Text>
      )}
      {chosen && chosen.pairs.length > 0 && <Pairs pairs={chosen.pairs} />}
      <Examples
        key={`${category}\n${label}\n${predicted}`}
        rows={rows}
        taskType={taskType}
        nThere={countThere(whole, chosen, label, predicted)}
        pair={label !== "" || predicted !== "" ? { label, predicted } : null}
      />
    </Stack>
  );
}

/** Rows that there are of what was chosen; `null` where the report does not say. */
function countThere(
  { failures, curves }: Report,
  chosen: FailureCategory | undefined,
  label: string,
  predicted: string,
): number | null {
  const hasPair = label !== "" || predicted !== "";
  if (hasPair && !chosen && "confusion_matrix" in curves)
    return countPair(curves.confusion_matrix, label, predicted);
  if (hasPair) return null;
  return chosen ? chosen.count : failures.categories.reduce((sum, { count }) => sum + (count ?? 0), 0);
}

function CategoryButton({
  category,
  isChosen,
  onChoose,
}: {
  category: FailureCategory;
  isChosen: boolean;
  onChoose: () => void;
}) {
  const { count, n_errors: nErrors } = category;
  return (
    <UnstyledButton
      className={failureClasses.category}
      aria-pressed={isChosen}
      disabled={count === null}
      onClick={onChoose}
    >
      <Group justify="space-between" wrap="nowrap" align="baseline" gap="xs">
        <Text size="sm" fw={600}>
          {category.title}
        </Text>
        <Text size="sm" fw={600} className="ml-number">
          {count === null ? "not computed" : formatCount(count)}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        {category.reason ? `${category.reason}.` : explainCategory(category)}
        {count !== null && nErrors !== null && nErrors < count && (
          <> {formatCount(count - nErrors)} of them are right.</>
        )}
      </Text>
    </UnstyledButton>
  );
}

/** Which confusions the category is made of, most frequent first; each leads to its rows. */
function Pairs({ pairs }: { pairs: FailurePair[] }) {
  const setAddress = useSetAddress();
  return (
    <Group gap="xs">
      {pairs.map((pair) =>
        "side" in pair ? (
          <Badge key={pair.side} color="gray">
            {formatCount(pair.count)} {pair.side} the target
          </Badge>
        ) : (
          <Button
            key={`${nameClass(pair.label)}\n${nameClass(pair.prediction)}`}
            variant="default"
            maw="100%"
            onClick={() =>
              setAddress(
                { label: nameClass(pair.label), predicted: nameClass(pair.prediction) },
                { push: true },
              )
            }
          >
            <span className="ml-text">
              {nameClass(pair.label)} taken for {nameClass(pair.prediction)}: {formatCount(pair.count)}
            </span>
          </Button>
        ),
      )}
    </Group>
  );
}

interface ExamplesProps {
  rows: FailureRow[];
  taskType: Report["task_type"];
  /** Rows that there are of this kind; the report holds the worst of each category. */
  nThere: number | null;
  pair: { label: string; predicted: string } | null;
}

function Examples({ rows, taskType, nThere, pair }: ExamplesProps) {
  const [page, setPage] = useState(1);
  const pages = Math.max(Math.ceil(rows.length / PAGE_SIZE), 1);
  const ids = rows.map(({ example }) => String(example.row_id)).join("\n");
  return (
    <Stack gap="sm">
      {pair && <PairFilter {...pair} />}
      <Group gap="sm">
        <Text size="sm" c="dimmed" maw="78ch">
          {describeShown(rows.length, nThere)}
        </Text>
        {rows.length > 0 && (
          <CopyButton value={ids}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                onClick={copy}
                leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              >
                {copied ? "Copied" : `Copy ${countOf(rows.length, "row id")}`}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      {rows.length > 0 && (
        <ExamplesTable
          rows={rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)}
          all={rows}
          taskType={taskType}
        />
      )}
      {pages > 1 && (
        <Pagination size="sm" total={pages} value={page} onChange={setPage} getControlProps={nameControl} />
      )}
    </Stack>
  );
}

/** The report holds some rows of each category, and says of how many. */
function describeShown(n: number, nThere: number | null): string {
  if (nThere === 0) return "No rows.";
  if (nThere === n) return `${countOf(n, "row")}.`;
  const whole = nThere === null ? "" : ` of ${formatCount(nThere)}`;
  return `${countOf(n, "row")}${whole}: the report holds the most severe of each category, as many as n_failures_per_type of its config says.`;
}

function PairFilter({ label, predicted }: { label: string; predicted: string }) {
  const setAddress = useSetAddress();
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" className="ml-wrap">
        Label <b>{label || "any"}</b>, predicted <b>{predicted || "any"}</b>
      </Text>
      <CloseButton
        size="sm"
        aria-label="Show all labels and predictions"
        onClick={() => setAddress({ label: null, predicted: null })}
      />
    </Group>
  );
}

function ExamplesTable({
  rows,
  all,
  taskType,
}: {
  rows: FailureRow[];
  all: FailureRow[];
  taskType: Report["task_type"];
}) {
  const features = listFeatures(all);
  const hasConfidence = all.some(({ example }) => example.confidence !== null);
  const isNumber = taskType === "regression" ? "ml-number" : undefined;
  return (
    <WideTable label="Failures">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Row</Table.Th>
          <Table.Th className={isNumber}>Label</Table.Th>
          <Table.Th className={isNumber}>Predicted</Table.Th>
          {hasConfidence && <Table.Th className="ml-number">Confidence</Table.Th>}
          <Table.Th>Why it is here</Table.Th>
          {features.map((name) => (
            <Table.Th key={name} title={name}>
              <div className={`ml-text ${failureClasses.feature}`}>{name}</div>
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ category, example }) => (
          <Table.Tr key={example.index}>
            <Table.Th scope="row" fw={400} className="ml-mono">
              <div className={`ml-text ${failureClasses.feature}`} title={String(example.row_id)}>
                {String(example.row_id)}
              </div>
            </Table.Th>
            <Answer text={showAnswer(example.label, taskType)} className={isNumber} />
            <Answer
              text={`${showAnswer(example.prediction, taskType)}${example.correct ? " (right)" : ""}`}
              className={isNumber}
            />
            {hasConfidence && (
              <Table.Td className="ml-number">{formatNumber(example.confidence, 3)}</Table.Td>
            )}
            <Table.Td miw={220} maw={360}>
              <Text size="xs" className="ml-wrap">
                {example.reason}
              </Text>
              <Text size="xs" c="dimmed">
                {category.title}
              </Text>
            </Table.Td>
            {features.map((name) => (
              <Answer key={name} text={showFeature(example, name)} />
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Answer({ text, className }: { text: string; className?: string | undefined }) {
  return (
    <Table.Td className={className} title={text}>
      <div className={`ml-text ${failureClasses.feature}`}>{text}</div>
    </Table.Td>
  );
}
