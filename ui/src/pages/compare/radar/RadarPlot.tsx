import { Fragment } from "react";
import { formatInterval, formatNumber } from "~/format/number";
import { type SeriesStyle, stylesOf } from "~/format/run";
import { type Comparison, cutName } from "../comparison";
import { closePath, placeOn } from "./shape";

type Radar = Comparison["radar"];

interface RadarPlotProps {
  radar: Radar;
  runs: readonly { run_id: string; label: string }[];
  /** On a phone: axes have numbers, and their names stand below, where there is room to read them. */
  isNarrow?: boolean;
}

const WIDE = { size: 440, room: 160 };
const NARROW = { size: 320, room: 14 };
const LEGEND_ROW = 20;
const RINGS = [0.25, 0.5, 0.75, 1];

const PLAIN: SeriesStyle = { color: "currentColor", dash: [] };

/** The radar as SVG alone, so that a report can hold it as well. */
export function RadarPlot({ radar, runs, isNarrow = false }: RadarPlotProps) {
  const { axes } = radar;
  const styles = stylesOf(runs.map((run) => run.run_id));
  const { size, room } = isNarrow ? NARROW : WIDE;
  const radius = size / 2 - 44;
  const width = size + 2 * room;
  const nNamed = isNarrow ? axes.length : 0;
  const height = size + 12 + LEGEND_ROW * (runs.length + nNamed);
  const rowAt = (row: number) => size / 2 + 16 + LEGEND_ROW * row;
  const place = (at: number, position: number) => placeOn(at, axes.length, position, radius);
  const text = `Radar of ${axes.length} metrics and ${runs.length} runs, the best outside`;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`${-width / 2} ${-size / 2} ${width} ${height}`}
      role="img"
      aria-label={text}
      style={{ width: "100%", maxWidth: width, fontSize: 12 }}
    >
      {RINGS.map((ring) => (
        <path
          key={ring}
          d={closePath(axes.map((_, at) => place(at, ring)))}
          fill="none"
          stroke="var(--ml-grid)"
        />
      ))}
      {axes.map((axis, at) => (
        <Fragment key={axis.metric}>
          <AxisLine
            end={place(at, 1)}
            name={place(at, 1.09)}
            label={isNarrow ? `${at + 1}` : axis.metric}
            range={isNarrow ? "" : sayRange(axis)}
          />
          {isNarrow && (
            <text x={-width / 2} y={rowAt(runs.length + at) + 4} fill="var(--mantine-color-text)">
              {at + 1} {cutName(axis.metric)}, <tspan fill="var(--ml-axis)">{sayRange(axis)}</tspan>
            </text>
          )}
        </Fragment>
      ))}
      {runs.map(({ run_id: id, label }, at) => (
        <LegendItem
          key={id}
          style={styles[at]}
          label={label}
          y={rowAt(at)}
          x={isNarrow ? -width / 2 : -120}
        />
      ))}
      {runs.map(({ run_id: id, label }, which) => {
        const { color, dash } = styles[which] ?? PLAIN;
        const points = axes.map((axis, at) => place(at, axis.points[id]?.position ?? 0));
        return (
          <Fragment key={id}>
            <path
              d={closePath(points)}
              fill="none"
              stroke={color}
              strokeWidth={2}
              strokeDasharray={dash.join(" ")}
            >
              <title>{label}</title>
            </path>
            {axes.map((axis, at) => {
              const point = axis.points[id];
              if (point === undefined) return null;
              const [from, to] = [point.position_low, point.position_high].map((end) =>
                end === null ? null : place(at, end),
              );
              const dot = place(at, point.position);
              return (
                <g key={axis.metric}>
                  {from && to && (
                    <line
                      x1={from.x}
                      y1={from.y}
                      x2={to.x}
                      y2={to.y}
                      stroke={color}
                      strokeWidth={5}
                      strokeOpacity={0.35}
                    />
                  )}
                  <circle cx={dot.x} cy={dot.y} r={3.5} fill={color}>
                    <title>
                      {`${label}: ${axis.metric} ${formatNumber(point.value)} (${formatInterval(point.low, point.high)})`}
                    </title>
                  </circle>
                </g>
              );
            })}
          </Fragment>
        );
      })}
    </svg>
  );
}

interface LegendItemProps {
  style?: SeriesStyle;
  label: string;
  x: number;
  y: number;
}

function LegendItem({ style = PLAIN, label, x, y }: LegendItemProps) {
  const { color, dash } = style;
  return (
    <>
      <line
        x1={x}
        x2={x + 28}
        y1={y}
        y2={y}
        stroke={color}
        strokeWidth={3}
        strokeDasharray={dash.join(" ")}
      />
      <text x={x + 36} y={y + 4} fill="var(--mantine-color-text)">
        {cutName(label)}
      </text>
    </>
  );
}

/** From its centre to its outside, which is the best. */
function sayRange({ is_inverted, low, high }: Radar["axes"][number]): string {
  const [inside, outside] = is_inverted ? [high, low] : [low, high];
  return `${formatNumber(inside)} to ${formatNumber(outside)}`;
}

interface AxisLineProps {
  label: string;
  range: string;
  end: { x: number; y: number };
  name: { x: number; y: number };
}

function AxisLine({ label, range, end, name }: AxisLineProps) {
  const anchor = Math.abs(name.x) < 8 ? "middle" : name.x > 0 ? "start" : "end";
  return (
    <>
      <line x1={0} y1={0} x2={end.x} y2={end.y} stroke="var(--ml-grid)" />
      <text
        x={name.x}
        y={name.y + (name.y < -8 ? -8 : 4)}
        textAnchor={anchor}
        fill="var(--mantine-color-text)"
      >
        {label}
      </text>
      <text
        x={name.x}
        y={name.y + (name.y < -8 ? 6 : 18)}
        textAnchor={anchor}
        fill="var(--ml-axis)"
        fontSize={10}
      >
        {range}
      </text>
    </>
  );
}
