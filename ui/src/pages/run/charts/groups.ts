/** Metrics by what their names begin with, and how the machine's are called. */

export interface MetricGroup {
  /** What stands before the first `/`; empty for names without one. */
  prefix: string;
  names: string[];
}

const ORDER = new Intl.Collator("en", { numeric: true });

/** Groups in order, names without a prefix first. */
export function groupByPrefix(names: Iterable<string>): MetricGroup[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const prefix = name.includes("/") ? name.slice(0, name.indexOf("/")) : "";
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [name]);
    else group.push(name);
  }
  return [...groups]
    .sort(([a], [b]) => ORDER.compare(a, b))
    .map(([prefix, members]) => ({ prefix, names: members.sort(ORDER.compare) }));
}

/** Names that have every word of the search, in any letter case. */
export function searchNames(names: readonly string[], search: string): string[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return names.filter((name) => words.every((word) => name.toLowerCase().includes(word)));
}

const MACHINE = new Map([
  ["cpu_percent", "CPU of the machine, %"],
  ["memory_percent", "Memory of the machine, %"],
  ["process_cpu_percent", "CPU of the process, % of one core"],
  ["process_memory_mb", "Memory of the process, MiB"],
]);
const GPU = new Map([
  ["percent", "busy, %"],
  ["memory_mb", "memory, MiB"],
  ["power_w", "power, W"],
  ["temperature_c", "temperature, °C"],
]);

/** A metric of the machine in words: `system/gpu0_power_w` is "GPU 0 power, W". */
export function sayMachineMetric(name: string): string {
  const short = name.replace(/^system\//, "");
  const gpu = /^gpu(\d+)_(.+)$/.exec(short);
  const what = gpu?.[2] === undefined ? undefined : GPU.get(gpu[2]);
  return what === undefined ? (MACHINE.get(short) ?? short) : `GPU ${gpu?.[1]} ${what}`;
}
