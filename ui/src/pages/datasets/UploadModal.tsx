import {
  Alert,
  Button,
  CloseButton,
  Group,
  Modal,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { mayWrite, useMe } from "~/app/me";
import { useProjects } from "~/app/projects";
import { countOf, formatBytes } from "~/format/number";
import { useProject } from "~/state/address";
import { type Chosen, nameFor, refusalOf } from "./chosen";
import type { Dataset } from "./queries";
import { uploadQueue } from "./uploads";

/** The select has texts only; this stands for no project. */
const NONE = "";

interface UploadModalProps {
  files: readonly File[];
  /** Datasets that are there, to say which file becomes the next version of one. */
  known: readonly Dataset[];
  onClose: () => void;
}

/** What the chosen files shall be called, and where they belong, before they are sent. */
export function UploadModal({ files, known, onClose }: UploadModalProps) {
  const current = useProject();
  const { data: me } = useMe();
  const [chosen, setChosen] = useState<Chosen[]>(() =>
    files.map((file) => ({ file, name: nameFor(file.name) })),
  );
  const [project, setProject] = useState<string>(current ?? NONE);
  const [description, setDescription] = useState("");
  const maxBytes = me?.server.max_upload_bytes ?? null;
  const good = chosen.filter(({ file, name }) => refusalOf(file, maxBytes) === null && name.trim() !== "");
  const projectId = project === NONE ? null : project;
  const mayUpload = mayWrite(me, projectId);

  const upload = () => {
    uploadQueue.add(
      good.map(({ file, name }) => ({
        file,
        said: { name: name.trim(), projectId, description: description.trim() },
      })),
    );
    onClose();
  };

  return (
    <Modal opened onClose={onClose} title={`Upload ${countOf(chosen.length, "file")}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (good.length > 0 && mayUpload) upload();
        }}
      >
        <Stack gap="sm">
          {chosen.map((item, at) => (
            <ChosenFile
              // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name
              key={at}
              item={item}
              refusal={refusalOf(item.file, maxBytes)}
              next={known.find(
                ({ name, project_id }) => name === item.name.trim() && project_id === projectId,
              )}
              onRename={(name) =>
                setChosen(chosen.map((other, i) => (i === at ? { ...other, name } : other)))
              }
              onRemove={() => setChosen(chosen.filter((_, i) => i !== at))}
            />
          ))}
          <ProjectSelect value={project} onChange={setProject} />
          <Textarea
            label={chosen.length === 1 ? "Description" : "Description of all of them"}
            placeholder="Where it comes from, what a row is"
            autosize
            minRows={2}
            maxLength={20_000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {me && !mayUpload && (
            <Alert color="yellow">
              You may not add data {projectId === null ? "outside of projects" : "to this project"}.
            </Alert>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" data-autofocus disabled={good.length === 0 || !mayUpload}>
              Upload {countOf(good.length, "file")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface ChosenFileProps {
  item: Chosen;
  refusal: string | null;
  next: Dataset | undefined;
  onRename: (name: string) => void;
  onRemove: () => void;
}

function ChosenFile({ item, refusal, next, onRename, onRemove }: ChosenFileProps) {
  return (
    <Stack gap={4}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm" className="ml-text" title={item.file.name}>
          {item.file.name}
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" c="dimmed" className="ml-number">
            {formatBytes(item.file.size)}
          </Text>
          <CloseButton size="sm" aria-label={`Leave out ${item.file.name}`} onClick={onRemove} />
        </Group>
      </Group>
      {refusal === null ? (
        <TextInput
          aria-label={`Name of the dataset in ${item.file.name}`}
          maxLength={250}
          value={item.name}
          onChange={(event) => onRename(event.currentTarget.value)}
          error={item.name.trim() === "" ? "A name is needed." : null}
          description={
            next && `Becomes version ${next.version + 1} or later of ${next.name}, if its bytes are new.`
          }
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
      ) : (
        <Text size="sm" c="var(--ml-worse)" role="alert">
          {refusal}
        </Text>
      )}
    </Stack>
  );
}

function ProjectSelect({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const projects = useProjects();
  const items = projects.data?.items ?? [];
  const data = [
    { value: NONE, label: "No project" },
    ...items.map(({ project_id, name }) => ({ value: project_id, label: name })),
  ];
  if (!data.some((item) => item.value === value)) data.push({ value, label: value });
  return (
    <Select
      label="Project"
      data={data}
      value={value}
      searchable={items.length > 8}
      onChange={(next) => onChange(next ?? NONE)}
    />
  );
}
