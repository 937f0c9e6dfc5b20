/** What a run says of the machine and the packages that it ran with. */

export interface Package {
  name: string;
  /** The version, or where else it came from. */
  version: string;
}

/** Lines of `pip freeze`: `name==version`, `name @ address`, or `-e …`. */
export function readPackages(text: string | null): Package[] {
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const found = /^([^\s=@]+)\s*(?:===?|@)\s*(.+)$/.exec(line);
      return found?.[1] !== undefined && found[2] !== undefined
        ? { name: found[1], version: found[2] }
        : { name: line, version: "" };
    });
}

const LABELS = new Map([
  ["os", "System"],
  ["cpu", "Processor"],
  ["cores", "Cores"],
  ["memory_gb", "Memory"],
  ["gpu", "GPU"],
  ["gpus", "GPUs"],
  ["cuda", "CUDA"],
  ["driver", "Driver"],
]);

/** The device as names and values; a text that is no JSON object stands for itself. */
export function readDevice(text: string | null): { label: string; value: string }[] {
  if (text === null || text === "") return [];
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === "object" && found !== null && !Array.isArray(found))
      return Object.entries(found).map(([name, value]) => ({
        label: LABELS.get(name) ?? name,
        value: name === "memory_gb" ? `${value} GB` : say(value),
      }));
  } catch {
    // Written by another program.
  }
  return [{ label: "Device", value: text }];
}

function say(value: unknown): string {
  if (Array.isArray(value)) return value.map(say).join(", ");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, part]) =>
        name === "memory_gb" ? `${part} GB` : name === "name" ? part : `${name} ${say(part)}`,
      )
      .join(", ");
  return String(value);
}
