import { ActionIcon, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  IconArrowsMaximize,
  IconDots,
  IconFileSpreadsheet,
  IconLink,
  IconPhoto,
  IconTable,
  IconVectorSpline,
} from "@tabler/icons-react";
import type { DrawnSeries } from "./drawn";
import { type Picture, saveCsv, savePng, saveSvg } from "./exportChart";
import type { Scheme } from "./palette";
import type { ChartSeries } from "./types";

interface ChartMenuProps {
  drawn: readonly DrawnSeries[];
  picture: Picture;
  onTable: () => void;
  onFullScreen?: () => void;
  onFullData?: (signal: AbortSignal) => Promise<readonly ChartSeries[]>;
}

/** What can be done with a chart. */
export function ChartMenu({ drawn, picture, onTable, onFullScreen, onFullData }: ChartMenuProps) {
  const clipboard = useClipboard();
  const png = (scheme: Scheme) => () =>
    savePng(drawn, picture, scheme).catch((error: unknown) => tell("The picture could not be made", error));
  const csv = () => {
    const shown = drawn.map(({ series }) => series);
    if (onFullData === undefined) saveCsv(shown, picture.title, picture.xKind, picture.xLabel);
    else void saveAll(onFullData, picture);
  };
  const copy = () => {
    clipboard.copy(window.location.href);
    notifications.show({ message: "Link copied: it shows this page as it is now." });
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size="sm" aria-label={`Menu of the chart ${picture.title}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {onFullScreen && (
          <Menu.Item leftSection={<IconArrowsMaximize size={16} />} onClick={onFullScreen}>
            Full screen
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconTable size={16} />} onClick={onTable}>
          Show as table
        </Menu.Item>
        <Menu.Item leftSection={<IconLink size={16} />} onClick={copy}>
          Copy link
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconPhoto size={16} />} onClick={png("light")}>
          PNG, white background
        </Menu.Item>
        <Menu.Item leftSection={<IconPhoto size={16} />} onClick={png("dark")}>
          PNG, dark background
        </Menu.Item>
        <Menu.Item
          leftSection={<IconVectorSpline size={16} />}
          onClick={() => saveSvg(drawn, picture, "light")}
        >
          SVG
        </Menu.Item>
        <Menu.Item leftSection={<IconFileSpreadsheet size={16} />} onClick={csv}>
          {onFullData === undefined ? "CSV of the points shown" : "CSV of all points"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Closing the notice gives up. */
async function saveAll(read: NonNullable<ChartMenuProps["onFullData"]>, picture: Picture): Promise<void> {
  const giving = new AbortController();
  const id = notifications.show({
    message: `Reading all points of ${picture.title}. Close to give up.`,
    loading: true,
    autoClose: false,
    onClose: () => giving.abort(),
  });
  try {
    const series = await read(giving.signal);
    if (!giving.signal.aborted) saveCsv(series, picture.title, picture.xKind, picture.xLabel);
  } catch (error) {
    if (!giving.signal.aborted) tell("The CSV could not be made", error);
  } finally {
    notifications.hide(id);
  }
}

function tell(title: string, error: unknown): void {
  notifications.show({
    color: "red",
    title,
    message: error instanceof Error ? error.message : String(error),
  });
}
