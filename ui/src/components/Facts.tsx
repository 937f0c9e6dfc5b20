import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Facts.module.css";

export interface Fact {
  label: string;
  value: ReactNode;
}

interface FactsProps {
  facts: readonly (Fact | null)[];
  /** Small letters in even columns, for texts rather than numbers. */
  isSmall?: boolean;
}

/** A few facts beside each other: what, and how much. */
export function Facts({ facts, isSmall = false }: FactsProps) {
  return (
    <dl className={isSmall ? `${classes.facts} ${classes.small}` : classes.facts}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact.label} className={classes.fact}>
              <Text component="dt" size="xs" c="dimmed">
                {fact.label}
              </Text>
              <dd className={classes.value}>{fact.value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
