import { Alert, Anchor, Button, Group, Loader, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { mayWrite, useMe } from "~/app/me";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { SearchField } from "~/components/SearchField";
import { countOf, formatBytes, formatCount } from "~/format/number";
import { useAddress } from "~/state/address";
import type { TabProps } from "../tabs";
import { ArtifactDetail } from "./ArtifactDetail";
import classes from "./Artifacts.module.css";
import { ArtifactTree } from "./ArtifactTree";
import { FolderDetail } from "./FolderDetail";
import { useArtifacts } from "./queries";
import { buildTree, findFolder, searchFiles } from "./tree";
import { ArtifactUpload, UploadButton, useChosenFiles } from "./Upload";

const CODE = `with modellab.start_run("baseline") as run:
    run.log_artifact("models/best.pt")       # a file
    run.log_artifact("plots", "report/")     # a folder`;

/** The files that a run keeps, as folders, with a preview of the chosen one. */
export default function ArtifactsTab({ run }: TabProps) {
  const artifacts = useArtifacts(run.run_id);
  const me = useMe();
  const isWritable = mayWrite(me.data, run.project_id) && run.deleted_at === null;
  const chosen = useChosenFiles();
  const { files } = artifacts;
  const [path, setPath] = useAddress("path");
  const target = findTarget(path, files);
  if (artifacts.isPending) return <Loading />;
  if (artifacts.isError && files.length === 0)
    return (
      <ErrorState error={artifacts.error} what="Reading the artifacts" retry={() => artifacts.refetch()} />
    );
  const upload = isWritable && (
    <ArtifactUpload runId={run.run_id} folder={target} known={files} chosen={chosen} />
  );
  if (files.length === 0)
    return (
      <>
        <EmptyState
          title="No artifacts yet"
          code={CODE}
          action={isWritable && <UploadButton chosen={chosen} />}
        >
          Files that the run keeps: models, plots, tables, logs.
          {isWritable && " Log them, or drop some onto this page."}
        </EmptyState>
        {upload}
      </>
    );
  return (
    <>
      {upload}
      <Files
        {...{ artifacts, isWritable, path, setPath }}
        runId={run.run_id}
        action={isWritable && <UploadButton chosen={chosen} />}
      />
    </>
  );
}

/** Where files go that are dropped: into the chosen folder, or that of the chosen file. */
function findTarget(path: string, files: readonly { path: string }[]): string {
  const isFile = files.some((file) => file.path === path);
  return isFile ? path.slice(0, Math.max(path.lastIndexOf("/"), 0)) : path;
}

interface FilesProps {
  artifacts: ReturnType<typeof useArtifacts>;
  runId: string;
  isWritable: boolean;
  path: string;
  setPath: (path: string | null, how?: { push?: boolean }) => void;
  action: React.ReactNode;
}

function Files({ artifacts, runId, isWritable, path, setPath, action }: FilesProps) {
  const { files } = artifacts;
  const [text, setText] = useState("");
  const found = useMemo(() => searchFiles(files, text), [files, text]);
  const tree = useMemo(() => buildTree(found), [found]);
  const whole = useMemo(() => buildTree(files), [files]);
  const file = files.find((each) => each.path === path) ?? null;
  const folder = file === null ? findFolder(whole, path) : null;
  const select = (next: string) => setPath(next === "" ? null : next, { push: true });
  return (
    <div className={classes.panes} data-chosen={path !== ""}>
      <div className={classes.list}>
        <Group gap="xs" wrap="nowrap" mb="xs">
          <SearchField label="Search files" value={text} onSearch={setText} style={{ flex: 1 }} />
          {action}
        </Group>
        <Text size="xs" c="dimmed" mb={4} role="status">
          {text.trim() === ""
            ? `${countOf(files.length, "file")}, ${formatBytes(whole.size)}`
            : `${formatCount(found.length)} of ${countOf(files.length, "file")}`}
          {artifacts.isFetchingNextPage && <Loader size={10} ml={6} aria-label="More are being read" />}
        </Text>
        <ArtifactTree root={tree} chosen={path} onChoose={select} isSearch={text.trim() !== ""} />
        <More artifacts={artifacts} />
      </div>
      <div className={classes.detail}>
        <Anchor
          component="button"
          type="button"
          size="sm"
          className={classes.back}
          onClick={() => select("")}
        >
          All files
        </Anchor>
        {file !== null ? (
          <ArtifactDetail
            key={`${file.path}\n${file.sha256}`}
            artifact={file}
            isWritable={isWritable}
            onRemoved={() => setPath(null)}
          />
        ) : folder !== null ? (
          <FolderDetail folder={folder} runId={runId} isWritable={isWritable} onChoose={select} />
        ) : (
          <NotHere path={path} isReading={artifacts.hasNextPage} />
        )}
      </div>
    </div>
  );
}

function More({ artifacts }: { artifacts: FilesProps["artifacts"] }) {
  if (artifacts.isError)
    return (
      <ErrorState error={artifacts.error} what="Reading more files" retry={() => artifacts.fetchNextPage()} />
    );
  if (!artifacts.hasNextPage || artifacts.isFetchingNextPage) return null;
  return (
    <Button variant="default" mt="xs" onClick={() => artifacts.fetchNextPage()}>
      List more files
    </Button>
  );
}

function NotHere({ path, isReading }: { path: string; isReading: boolean }) {
  if (isReading) return <Loading />;
  return (
    <Alert color="gray" variant="light" title="No such file">
      <Text size="sm" className="ml-wrap">
        {path} is not among the files of this run; it may have been removed.
      </Text>
    </Alert>
  );
}
