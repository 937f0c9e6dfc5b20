import { Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { root } from "~/api/client";
import { Loading } from "~/components/Feedback";
import { formatBytes } from "~/format/number";
import { OpenLink } from "../ArtifactDetail";
import classes from "../Artifacts.module.css";
import { previewOf } from "../kinds";
import { type Artifact, addressOf } from "../queries";
import { nameOf } from "../tree";
import { ImagePreview } from "./ImagePreview";
import { TableArtifact } from "./TableArtifact";

// Colours of code and Markdown are loaded with the first file that needs them.
const TextPreview = lazy(() => import("./TextPreview"));

/** What is in a file, as far as a browser can show it. */
export function Preview({ artifact }: { artifact: Artifact }) {
  const kind = previewOf(artifact);
  const address = root + addressOf(artifact.run_id, artifact.path);
  const name = nameOf(artifact.path);
  switch (kind) {
    case "image":
      return <ImagePreview address={address} name={name} />;
    case "table":
      return (
        <TableArtifact
          artifact={artifact}
          asText={
            <Suspense fallback={<Loading />}>
              <TextPreview artifact={artifact} kind="text" />
            </Suspense>
          }
        />
      );
    case "audio":
      // biome-ignore lint/a11y/useMediaCaption: files of runs bring no captions
      return <audio controls preload="metadata" src={address} aria-label={name} style={{ width: "100%" }} />;
    case "video":
      return (
        // biome-ignore lint/a11y/useMediaCaption: files of runs bring no captions
        <video
          controls
          preload="metadata"
          src={address}
          aria-label={name}
          style={{ maxWidth: "100%", maxHeight: "75vh" }}
        />
      );
    case "page":
      return <PagePreview artifact={artifact} />;
    case "none":
      return <NoPreview artifact={artifact} />;
    default:
      return (
        <Suspense fallback={<Loading />}>
          <TextPreview artifact={artifact} kind={kind} />
        </Suspense>
      );
  }
}

/** HTML and SVG with their scripts shut in: they reach neither this page, nor the server, nor the network. */
function PagePreview({ artifact }: { artifact: Artifact }) {
  return (
    <>
      <iframe
        className={classes.frame}
        title={nameOf(artifact.path)}
        src={root + addressOf(artifact.run_id, artifact.path, true)}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
      />
      <Text size="xs" c="dimmed">
        Shown in a sandbox: its scripts run, but reach no network and nothing of ModelLab.{" "}
        <OpenLink artifact={artifact} sandbox />
      </Text>
    </>
  );
}

function NoPreview({ artifact }: { artifact: Artifact }) {
  return (
    <Text size="sm" c="dimmed">
      No preview of this kind of file ({formatBytes(artifact.size)}). Its checksum above says whether two are
      the same.
    </Text>
  );
}
