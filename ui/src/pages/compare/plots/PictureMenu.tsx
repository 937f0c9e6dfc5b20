import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconDownload } from "@tabler/icons-react";
import { tellProblem } from "~/components/notices";
import { savePicture } from "./picture";

/** Saves a chart of the page as a picture. */
export function PictureMenu({ name, find }: { name: string; find: () => SVGSVGElement | null }) {
  const save = (kind: "png" | "svg") => {
    const svg = find();
    if (svg !== null) savePicture(svg, name, kind).catch((error) => tellProblem("Saving the picture", error));
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`Menu of ${name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => save("png")}>
          PNG
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => save("svg")}>
          SVG
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
