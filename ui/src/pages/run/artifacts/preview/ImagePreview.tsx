import { Group, SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import { formatCount } from "~/format/number";
import classes from "../Artifacts.module.css";

const ZOOMS = [
  { value: "fit", label: "Fit" },
  { value: "1", label: "100 %" },
  { value: "2", label: "200 %" },
  { value: "4", label: "400 %" },
];

/** A picture on a chequered ground, at its own size or larger. */
export function ImagePreview({ address, name }: { address: string; name: string }) {
  const [zoom, setZoom] = useState("fit");
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [failed, setFailed] = useState(false);
  if (failed)
    return (
      <Text size="sm" c="dimmed">
        The browser cannot show this picture. Download it instead.
      </Text>
    );
  const scale = Number(zoom);
  return (
    <>
      <Group gap="sm">
        <SegmentedControl aria-label="Zoom" data={ZOOMS} value={zoom} onChange={setZoom} />
        {size && (
          <Text size="xs" c="dimmed">
            {formatCount(size.width)} × {formatCount(size.height)} pixels
          </Text>
        )}
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section className={classes.image} aria-label={`Picture ${name}`} tabIndex={0}>
        <img
          src={address}
          alt={name}
          onLoad={({ currentTarget: image }) =>
            setSize({ width: image.naturalWidth, height: image.naturalHeight })
          }
          onError={() => setFailed(true)}
          style={
            zoom === "fit"
              ? { maxWidth: "100%", maxHeight: "72vh" }
              : {
                  width: size ? size.width * scale : undefined,
                  imageRendering: scale > 1 ? "pixelated" : undefined,
                }
          }
        />
      </section>
    </>
  );
}
