import { Group, NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import { formatNumber } from "~/format/number";
import { type Axis, type Part, partOf, spanOf } from "./axis";

interface KeepPartProps {
  axes: readonly Axis[];
  /** Keep the runs of a part of an axis, or those of all of it. */
  keep: (axis: number, part: Part | null) => void;
}

/** What dragging along an axis does, for a keyboard and a phone. */
export function KeepPart({ axes, keep }: KeepPartProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const at = Number(chosen ?? -1);
  const axis = axes[at];
  const choose = (next: string | null) => {
    if (axis) keep(at, null);
    setChosen(next);
  };
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Keep a part of"
        placeholder="An axis"
        clearable
        data={axes.map(({ label }, index) => ({ value: String(index), label }))}
        value={chosen}
        onChange={choose}
        w={200}
      />
      {axis?.kind === "category" && (
        <Select
          key={chosen}
          label="Value"
          placeholder="Any"
          clearable
          searchable
          data={[...axis.names]}
          onChange={(name) => keep(at, name === null ? null : partOf(axis, name, name))}
          w={200}
        />
      )}
      {axis && axis.kind !== "category" && (
        <Bounds key={chosen} axis={axis} keep={(part) => keep(at, part)} />
      )}
    </Group>
  );
}

function Bounds({ axis, keep }: { axis: Axis; keep: (part: Part | null) => void }) {
  const [bounds, setBounds] = useState<readonly [number | string, number | string]>(["", ""]);
  const [least, most] = spanOf(axis);
  const change = (from: number | string, to: number | string) => {
    setBounds([from, to]);
    keep(partOf(axis, from, to));
  };
  const [from, to] = bounds;
  return (
    <>
      <NumberInput
        label="From"
        placeholder={formatNumber(least)}
        value={from}
        onChange={(value) => change(value, to)}
        w={110}
      />
      <NumberInput
        label="To"
        placeholder={formatNumber(most)}
        value={to}
        onChange={(value) => change(from, value)}
        w={110}
      />
    </>
  );
}
