import { Button, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Caution } from "~/components/Caution";

const FIRST = 6;

interface BewareProps {
  title?: string;
  /** Said line by line. */
  warnings?: readonly string[];
  children?: ReactNode;
}

/** What to beware of, as the API says it, or what is wrong with what was chosen. */
export function Beware({ title = "Beware", warnings = [], children }: BewareProps) {
  const [all, setAll] = useState(false);
  if (warnings.length === 0 && !children) return null;
  return (
    <Caution title={title}>
      {warnings.slice(0, all ? undefined : FIRST).map((warning) => (
        <Text key={warning} size="sm" style={{ overflowWrap: "anywhere" }}>
          {warning}
        </Text>
      ))}
      {warnings.length > FIRST && (
        <Button variant="default" mt={4} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? `Show the first ${FIRST}` : `Show all ${warnings.length}`}
        </Button>
      )}
      {children}
    </Caution>
  );
}
