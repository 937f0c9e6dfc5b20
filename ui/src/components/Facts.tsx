import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Facts.module.css";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** A few facts beside each other: what, and how much. */
export function Facts({ facts }: { facts: readonly (Fact | null)[] }) {
  return (
    <dl className={classes.facts}>
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
