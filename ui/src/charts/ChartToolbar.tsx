import { Button, Group, Select, Slider, Switch, Text } from "@mantine/core";
import { IconZoomReset } from "@tabler/icons-react";
import { useId } from "react";
import { MAX_SMOOTHING } from "./settings";
import type { ChartSettings, XKind } from "./types";

interface ChartToolbarProps {
  settings: ChartSettings;
  onChange: (change: Partial<ChartSettings>) => void;
  /** Metrics that may be the x axis; none leaves that choice out. */
  metrics?: readonly string[];
}

const X_KINDS: readonly { value: XKind; label: string }[] = [
  { value: "step", label: "Step" },
  { value: "elapsed", label: "Time since start" },
  { value: "time", label: "Clock time" },
];
const METRIC = "metric:";

/** The controls of curves: what x is, logarithms, smoothing, outlier marks, and back from a zoom. */
export function ChartToolbar({ settings, onChange, metrics = [] }: ChartToolbarProps) {
  const toggles = [
    ["yLog", "Log y"],
    ["xLog", "Log x"],
    ["outliers", "Mark outliers"],
  ] as const;
  return (
    <Group gap="md" role="toolbar" aria-label="How curves are drawn" align="center">
      <XSelect settings={settings} onChange={onChange} metrics={metrics} />
      <Smoothing value={settings.smoothing} onChange={(smoothing) => onChange({ smoothing })} />
      {toggles.map(([name, label]) => (
        <Switch
          key={name}
          size="xs"
          label={label}
          checked={settings[name]}
          // A clock has no zero to take logarithms from.
          disabled={name === "xLog" && settings.xKind === "time"}
          onChange={(event) => onChange({ [name]: event.currentTarget.checked })}
        />
      ))}
      {settings.range !== null && (
        <Button
          variant="default"
          leftSection={<IconZoomReset size={15} />}
          onClick={() => onChange({ range: null })}
        >
          Show all
        </Button>
      )}
    </Group>
  );
}

function XSelect({ settings, onChange, metrics = [] }: ChartToolbarProps) {
  const names = settings.xKind === "metric" ? new Set([settings.xMetric, ...metrics]) : new Set(metrics);
  const data = [
    { group: "Time", items: [...X_KINDS] as { value: string; label: string }[] },
    { group: "Metric", items: [...names].map((name) => ({ value: METRIC + name, label: name })) },
  ];
  return (
    <Select
      aria-label="x axis"
      w={170}
      data={data.filter(({ items }) => items.length > 0)}
      searchable={names.size > 8}
      limit={100}
      value={settings.xKind === "metric" ? METRIC + settings.xMetric : settings.xKind}
      onChange={(value) => {
        if (value === null) return;
        if (value.startsWith(METRIC)) onChange({ xKind: "metric", xMetric: value.slice(METRIC.length) });
        else onChange({ xKind: value as XKind, xMetric: "" });
      }}
    />
  );
}

function Smoothing({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const id = useId();
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" id={id}>
        Smoothing
      </Text>
      <Slider
        w={110}
        size="sm"
        min={0}
        max={MAX_SMOOTHING}
        step={0.01}
        label={null}
        value={value}
        onChange={onChange}
        thumbProps={{ "aria-labelledby": id }}
      />
      <Text size="sm" w={32} className="ml-number">
        {value.toFixed(2)}
      </Text>
    </Group>
  );
}
