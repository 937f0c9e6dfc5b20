/** Drag and drop of files onto the page, or a button for those who do not drag. */

import "@mantine/dropzone/styles.css";
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { IconDatabaseImport } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { FilesButton } from "~/components/FilesButton";
import { countOf } from "~/format/number";
import { useLink } from "~/state/address";
import { UploadPanel } from "~/uploads/UploadPanel";
import { type Dataset, useArrivals } from "./queries";
import { UploadModal } from "./UploadModal";
import { type AddedDataset, uploadQueue } from "./uploads";

/** The files that were chosen last, and how to choose some. */
export function useChosenFiles() {
  const [files, setFiles] = useState<readonly File[]>([]);
  return { files, choose: (chosen: readonly File[]) => setFiles(chosen), clear: () => setFiles([]) };
}

type ChosenFiles = ReturnType<typeof useChosenFiles>;

/** What stands on a page that takes files: the target over all of it, the form, and what is under way. */
export function DatasetUpload({ chosen, known }: { chosen: ChosenFiles; known: readonly Dataset[] }) {
  useArrivals();
  return (
    <>
      <Dropzone.FullScreen active={chosen.files.length === 0} onDrop={chosen.choose}>
        <Stack
          align="center"
          justify="center"
          h="calc(100vh - 80px)"
          gap="sm"
          style={{ pointerEvents: "none" }}
        >
          <IconDatabaseImport size={44} stroke={1.4} />
          <Text fw={600}>Drop to add as datasets</Text>
          <Text size="sm" c="dimmed">
            CSV, JSON, JSON lines, Parquet; any other file is kept as it is
          </Text>
        </Stack>
      </Dropzone.FullScreen>
      {chosen.files.length > 0 && <UploadModal files={chosen.files} known={known} onClose={chosen.clear} />}
      <UploadPanel
        queue={uploadQueue}
        reading="Sent; the server reads its columns"
        describe={(added) => <Arrival added={added} />}
      />
    </>
  );
}

function Arrival({ added }: { added: AddedDataset }) {
  const link = useLink();
  return (
    <>
      {added.is_new ? "Added as " : "The same bytes are already here, nothing was added: "}
      <Anchor component={Link} to={link(`/datasets/${added.dataset_id}`)} size="sm">
        {added.name}, version {added.version}
      </Anchor>
      {added.n_rows !== null && ` · ${countOf(added.n_rows, "row")}`}
      {added.unread !== null && ` · ${added.unread}`}
    </>
  );
}

export function UploadButton({ chosen }: { chosen: ChosenFiles }) {
  return <FilesButton onChoose={chosen.choose} />;
}

/** A target one can see, for where there is nothing else yet. */
export function DropTarget({ chosen }: { chosen: ChosenFiles }) {
  return (
    <Dropzone onDrop={chosen.choose} w="100%" maw={620} inputProps={{ "aria-label": "Files to upload" }}>
      <Group justify="center" gap="sm" py="lg" style={{ pointerEvents: "none" }}>
        <IconDatabaseImport size={28} stroke={1.4} />
        <Text size="sm">Drop files here, or click to choose some</Text>
      </Group>
    </Dropzone>
  );
}
