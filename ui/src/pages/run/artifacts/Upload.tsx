/** Drag and drop of files and folders into a run, or a button for those who do not drag. */

import "@mantine/dropzone/styles.css";
import { List, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { modals } from "@mantine/modals";
import { IconFileUpload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { FilesButton } from "~/components/FilesButton";
import { countOf } from "~/format/number";
import { UploadPanel } from "~/uploads/UploadPanel";
import type { Artifact } from "./queries";
import { findReplaced, pathFor, uploadQueue } from "./uploads";

/** The files that were chosen last, until they are on their way. */
export function useChosenFiles() {
  const [files, setFiles] = useState<readonly File[]>([]);
  return { files, choose: (chosen: readonly File[]) => setFiles(chosen), clear: () => setFiles([]) };
}

type ChosenFiles = ReturnType<typeof useChosenFiles>;

interface ArtifactUploadProps {
  runId: string;
  /** Where files go; empty at the top. */
  folder: string;
  known: readonly Artifact[];
  chosen: ChosenFiles;
}

/** The target over all of the page, and what is under way. */
export function ArtifactUpload({ runId, folder, known, chosen }: ArtifactUploadProps) {
  const queries = useQueryClient();
  useEffect(
    () =>
      uploadQueue.onArrival((_, said) => {
        void queries.invalidateQueries({ queryKey: ["run", said.runId] });
      }),
    [queries],
  );
  const { files, clear } = chosen;
  useEffect(() => {
    if (files.length === 0) return;
    clear();
    const sent = files.map((file) => ({ file, said: { runId, path: pathFor(folder, file) } }));
    const replaced = findReplaced(
      sent.map(({ said }) => said.path),
      known,
    );
    if (replaced.length === 0) uploadQueue.add(sent);
    else askToReplace(replaced, () => uploadQueue.add(sent));
  }, [files, clear, runId, folder, known]);
  return (
    <>
      <Dropzone.FullScreen active onDrop={chosen.choose}>
        <Stack align="center" justify="center" mih={220} gap="sm" style={{ pointerEvents: "none" }}>
          <IconFileUpload size={44} stroke={1.4} />
          <Text fw={600} className="ml-wrap">
            Drop to add to {folder === "" ? "this run" : folder}
          </Text>
          <Text size="sm" c="dimmed">
            Files and folders, of any kind
          </Text>
        </Stack>
      </Dropzone.FullScreen>
      <UploadPanel
        queue={uploadQueue}
        reading="Sent; the server keeps it"
        describe={(added) => `Kept as ${added.path}`}
      />
    </>
  );
}

const MOST_NAMED = 10;

function askToReplace(paths: readonly string[], goOn: () => void): void {
  modals.openConfirmModal({
    title: `Replace ${countOf(paths.length, "file")}`,
    children: (
      <>
        <Text size="sm">
          There are files of these names. Files have no trash: their bytes are gone for good.
        </Text>
        <List size="sm" mt="xs">
          {paths.slice(0, MOST_NAMED).map((path) => (
            <List.Item key={path} className="ml-wrap">
              {path}
            </List.Item>
          ))}
          {paths.length > MOST_NAMED && <List.Item>and {paths.length - MOST_NAMED} more</List.Item>}
        </List>
      </>
    ),
    labels: { confirm: "Replace", cancel: "Keep" },
    confirmProps: { color: "red" },
    onConfirm: goOn,
  });
}

export function UploadButton({ chosen }: { chosen: ChosenFiles }) {
  return <FilesButton variant="default" onChoose={chosen.choose} />;
}
