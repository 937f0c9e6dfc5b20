import { Text } from "@mantine/core";
import { countOf, formatCount } from "~/format/number";
import { formatDay } from "~/format/time";
import classes from "./DayBars.module.css";

export interface DayCount {
  /** Such as `2026-11-20`. */
  day: string;
  n_runs: number;
  n_failed: number;
}

const HEIGHT = 56;

/** Runs started on each day, those that failed in the worse colour below; each bar says its numbers. */
export function DayBars({ days }: { days: readonly DayCount[] }) {
  const most = Math.max(1, ...days.map(({ n_runs }) => n_runs));
  const total = days.reduce((sum, { n_runs }) => sum + n_runs, 0);
  const failed = days.reduce((sum, { n_failed }) => sum + n_failed, 0);
  const scale = (count: number) => (count === 0 ? 0 : Math.max((count / most) * (HEIGHT - 2), 2));
  const summary =
    total === 0
      ? `No run in ${countOf(days.length, "day")}`
      : `${countOf(total, "run")} in ${countOf(days.length, "day")}, ${formatCount(failed)} failed; at most ${formatCount(most)} a day`;
  return (
    <figure className={classes.figure}>
      <svg
        width="100%"
        height={HEIGHT}
        viewBox={`0 0 ${days.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={summary}
      >
        {days.map((day, at) => (
          <g key={day.day}>
            <title>{sayDay(day)}</title>
            <rect x={at} y={0} width={1} height={HEIGHT} fill="transparent" />
            <rect
              x={at + 0.1}
              width={0.8}
              y={HEIGHT - scale(day.n_runs)}
              height={scale(day.n_runs)}
              fill="var(--ml-accent)"
            />
            <rect
              x={at + 0.1}
              width={0.8}
              y={HEIGHT - Math.min(scale(day.n_failed), scale(day.n_runs))}
              height={scale(day.n_failed)}
              fill="var(--ml-worse)"
            />
          </g>
        ))}
      </svg>
      <Text component="figcaption" size="xs" c="dimmed" className={classes.caption}>
        <span>{days[0] && formatDay(days[0].day)}</span>
        <span>{summary}</span>
        <span>today</span>
      </Text>
    </figure>
  );
}

function sayDay({ day, n_runs, n_failed }: DayCount): string {
  const failed = n_failed > 0 ? `, ${n_failed} failed` : "";
  return `${formatDay(day)}: ${countOf(n_runs, "run")}${failed}`;
}
