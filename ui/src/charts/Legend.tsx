import { UnstyledButton } from "@mantine/core";
import { type RefObject, useRef } from "react";
import classes from "./charts.module.css";
import type { DrawnSeries } from "./drawn";

interface LegendProps {
  drawn: readonly DrawnSeries[];
  hidden: ReadonlySet<string>;
  onHidden: (hidden: ReadonlySet<string>) => void;
  onHighlight: (key: string | null) => void;
  /** Where values at the cursor are written, by key: as often as the mouse moves, so not through React. */
  values: RefObject<Map<string, HTMLElement>>;
}

/** Names and values of lines; a press hides one, with Shift all others. */
export function Legend({ drawn, hidden, onHidden, onHighlight, values }: LegendProps) {
  const toggle = (key: string, isAlone: boolean) => {
    const others = drawn.map(({ series }) => series.key).filter((other) => other !== key);
    if (isAlone) {
      const isAlready = !hidden.has(key) && others.every((other) => hidden.has(other));
      onHidden(new Set(isAlready ? [] : others));
    } else {
      const next = new Set(hidden);
      if (!next.delete(key)) next.add(key);
      onHidden(next);
    }
  };
  return (
    <ul className={classes.legend} aria-label="Lines">
      {drawn.map(({ series: { key, label, color, dash } }) => (
        <li key={key}>
          <UnstyledButton
            className={classes.legendItem}
            aria-pressed={!hidden.has(key)}
            data-hidden={hidden.has(key) || undefined}
            title={`${label}\nClick to hide or show, Shift + click to show it alone`}
            onClick={(event) => toggle(key, event.shiftKey)}
            onMouseEnter={() => drawn.length > 1 && onHighlight(key)}
            onMouseLeave={() => onHighlight(null)}
          >
            <svg width="16" height="10" aria-hidden="true">
              <line
                x1="0"
                x2="16"
                y1="5"
                y2="5"
                stroke={color}
                strokeWidth="3"
                strokeDasharray={dash.map((length) => length / 2).join(" ")}
              />
            </svg>
            <span className={classes.legendLabel}>{label}</span>
            <Value name={key} values={values} />
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

function Value({ name, values }: { name: string; values: LegendProps["values"] }) {
  const place = useRef<HTMLElement>(null);
  return (
    <span
      className={classes.legendValue}
      ref={(element) => {
        place.current = element;
        if (element !== null) values.current.set(name, element);
        return () => {
          values.current.delete(name);
        };
      }}
    />
  );
}
