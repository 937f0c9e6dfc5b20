import { ActionIcon, Group, Menu, Skeleton, Text } from "@mantine/core";
import { IconDots, IconDownload } from "@tabler/icons-react";
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { useEffect, useRef, useState } from "react";
import classes from "./charts.module.css";
import { downloadUrl, fileNameOf } from "./download";
import { makeTheme } from "./echartsTheme";
import { type Palette, readPalette, usePalette } from "./palette";

export interface EChartProps {
  /** ECharts' option; a function is given the colours of the theme. Keep its identity while nothing changes. */
  option: EChartsCoreOption | ((palette: Palette) => EChartsCoreOption);
  /** What is drawn, for those who do not see it: "Confusion matrix: 3 classes, 150 examples". */
  label: string;
  /** Stands above, and names the files. */
  title?: string;
  height?: number;
  /** "svg" for few marks (crisp, small), "canvas" (the default) for many. */
  renderer?: "canvas" | "svg";
  /** Called with ECharts' event of a click on a mark. */
  onClick?: (event: {
    name: string;
    seriesName?: string;
    dataIndex: number;
    data: unknown;
    value: unknown;
  }) => void;
  /** For anything else: the chart, once it is there. The function returned is called before it goes. */
  onReady?: (chart: EChartsType) => undefined | (() => void);
}

/** Any chart of ECharts: the library is loaded late, coloured by the theme, resized and disposed of. */
export function EChart({
  option,
  label,
  title,
  height = 300,
  renderer = "canvas",
  onClick,
  onReady,
}: EChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType | null>(null);
  const [failed, setFailed] = useState(false);
  const palette = usePalette();
  const latest = useRef({ onClick, onReady });
  useEffect(() => {
    latest.current = { onClick, onReady };
  });

  useEffect(() => {
    let made: EChartsType | null = null;
    let isGone = false;
    let leave: undefined | (() => void);
    const observer = new ResizeObserver(() => made?.resize());
    import("./echarts")
      .then(({ init }) => {
        if (isGone || place.current === null) return;
        made = init(place.current, null, { renderer });
        made.on("click", (event) => latest.current.onClick?.(event as never));
        observer.observe(place.current);
        leave = latest.current.onReady?.(made);
        setChart(made);
      })
      .catch(() => !isGone && setFailed(true));
    return () => {
      isGone = true;
      observer.disconnect();
      leave?.();
      made?.dispose();
      setChart(null);
    };
  }, [renderer]);

  useEffect(() => {
    if (chart === null || chart.isDisposed()) return;
    chart.setTheme(makeTheme(palette));
    chart.setOption(complete(option, palette), { notMerge: true });
  }, [chart, option, palette]);

  return (
    <figure className={classes.figure} aria-label={title ?? label}>
      <Group justify="space-between" wrap="nowrap" gap="xs" mih={28}>
        <Text size="sm" fw={600} className="ml-text">
          {title}
        </Text>
        {chart !== null && <EChartMenu chart={chart} option={option} name={title ?? label} />}
      </Group>
      <div style={{ position: "relative", height }}>
        {chart === null && !failed && <Skeleton h={height} role="status" aria-label="Loading" />}
        {failed && (
          <Text role="alert" size="sm" c="dimmed">
            The chart library could not be loaded. Reload the page to try again.
          </Text>
        )}
        <div ref={place} role="img" aria-label={label} style={{ position: "absolute", inset: 0 }} />
      </div>
    </figure>
  );
}

function complete(option: EChartProps["option"], palette: Palette): EChartsCoreOption {
  const given = typeof option === "function" ? option(palette) : option;
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  return { animation: !isStill, animationDuration: 200, animationDurationUpdate: 200, ...given };
}

function EChartMenu({
  chart,
  option,
  name,
}: {
  chart: EChartsType;
  option: EChartProps["option"];
  name: string;
}) {
  const save = async (kind: "png" | "svg", scheme: "light" | "dark") => {
    const { init } = await import("./echarts");
    const [width, height] = [chart.getWidth(), chart.getHeight()];
    const palette = readPalette(scheme);
    // A second chart, never shown: the picture's colours and kind need not be the page's.
    const place = document.createElement("div");
    const copy = init(place, makeTheme(palette), {
      renderer: kind === "svg" ? "svg" : "canvas",
      width,
      height,
    });
    copy.setOption({ ...complete(option, palette), animation: false });
    const address = copy.getDataURL({
      type: kind,
      pixelRatio: 2,
      backgroundColor: palette.surface,
    });
    copy.dispose();
    downloadUrl(address, fileNameOf(name, kind));
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size="sm" aria-label={`Menu of ${name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => save("png", "light")}>
          PNG, white background
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => save("png", "dark")}>
          PNG, dark background
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => save("svg", "light")}>
          SVG
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
