import { Stack, Table, Text } from "@mantine/core";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { WideTable } from "~/components/WideTable";
import { formatCount, formatNumber, formatP } from "~/format/number";
import type { ExploreProps } from "./ExploreTab";
import { useImportance } from "./queries";

const MEASURES = { spearman: "rank correlation", eta_squared: "share of variance (eta²)" } as const;

/** Which params go with the result: strength, test and what it does not show. */
export function Importance({ scope, metric }: ExploreProps) {
  const found = useImportance(scope, metric || null);
  if (metric === "")
    return <EmptyState title="No metric yet">Params are held against a metric of the runs.</EmptyState>;
  if (found.isError)
    return <ErrorState error={found.error} what="Asking which params matter" retry={() => found.refetch()} />;
  if (found.data === undefined) return <Loading />;
  const { params, sentences } = found.data;
  return (
    <Stack gap="md">
      <div>
        {sentences.map((sentence) => (
          <Text key={sentence} maw="92ch" className="ml-wrap">
            {sentence}
          </Text>
        ))}
      </div>
      {params.length > 0 && (
        <WideTable label={`Params that go with ${metric}`} minWidth={720}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Param</Table.Th>
              <Table.Th>Strength, 0 to 1</Table.Th>
              <Table.Th className="ml-number">Value</Table.Th>
              <Table.Th>Measure</Table.Th>
              <Table.Th className="ml-number">Runs</Table.Th>
              <Table.Th className="ml-number">Values</Table.Th>
              <Table.Th className="ml-number">p</Table.Th>
              <Table.Th className="ml-number">Adjusted p</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {params.map((param) => (
              <Table.Tr key={param.name}>
                <Table.Td className="ml-wrap" maw={260}>
                  {param.name}
                </Table.Td>
                <Table.Td>
                  <StrengthBar strength={param.strength} isClear={(param.adjusted_p ?? 1) < 0.05} />
                </Table.Td>
                <Table.Td className="ml-number">{formatNumber(param.value, 3)}</Table.Td>
                <Table.Td>
                  {param.measure === null ? (
                    <Text size="sm" c="dimmed" className="ml-wrap">
                      {param.note}
                    </Text>
                  ) : (
                    MEASURES[param.measure]
                  )}
                </Table.Td>
                <Table.Td className="ml-number">{formatCount(param.n)}</Table.Td>
                <Table.Td className="ml-number">{formatCount(param.n_values)}</Table.Td>
                <Table.Td className="ml-number">{formatP(param.p_value)}</Table.Td>
                <Table.Td className="ml-number">{formatP(param.adjusted_p)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Stack>
  );
}

function StrengthBar({ strength, isClear }: { strength: number | null; isClear: boolean }) {
  if (strength === null) return null;
  const text = `Strength ${formatNumber(strength, 2)}${isClear ? "" : ", not clear after adjustment"}`;
  return (
    <svg width={160} height={12} role="img" aria-label={text}>
      <title>{text}</title>
      <rect width={160} height={12} fill="var(--ml-sunken)" />
      <rect
        width={160 * Math.min(1, strength)}
        height={12}
        fill={isClear ? "var(--ml-accent)" : "var(--ml-unsure)"}
      />
    </svg>
  );
}
