import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { type ReactNode, useState } from "react";
import { ErrorState } from "./Feedback";
import { TagsField } from "./Tags";
import { formatTags, parseTags } from "./tags";

const MAX_NAME = 250;
const MAX_DESCRIPTION = 20_000;

export interface Details {
  name: string;
  description: string;
  tags: Map<string, string>;
}

interface DetailsModalProps {
  title: string;
  submitLabel: string;
  initial?: { name: string; description?: string | null; tags: Readonly<Record<string, unknown>> };
  /** What to do with them; what it throws is shown, and nothing typed is lost. */
  onSubmit: (details: Details) => Promise<void>;
  onClose: () => void;
  children?: ReactNode;
}

/** What a person says of a thing: its name, what it is, and its tags. Mount it to open it. */
export function DetailsModal({
  title,
  submitLabel,
  initial,
  onSubmit,
  onClose,
  children,
}: DetailsModalProps) {
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      name: initial?.name ?? "",
      description: initial?.description ?? "",
      tags: formatTags(initial?.tags ?? {}),
    },
    validate: {
      name: (name) => (name.trim() === "" ? "A name is needed." : null),
      tags: (texts) => {
        const { wrong } = parseTags(texts);
        return wrong.length === 0 ? null : `Not name=value: ${wrong.join(", ")}`;
      },
    },
  });
  const save = form.onSubmit(async ({ name, description, tags }) => {
    setError(null);
    try {
      await onSubmit({ name: name.trim(), description: description.trim(), tags: parseTags(tags).tags });
      onClose();
    } catch (problem) {
      setError(problem);
    }
  });
  return (
    <Modal opened onClose={onClose} title={title} closeOnClickOutside={!form.isDirty()}>
      <form onSubmit={save} noValidate>
        <Stack gap="sm">
          <TextInput
            label="Name"
            required
            maxLength={MAX_NAME}
            data-autofocus
            {...form.getInputProps("name")}
          />
          {children}
          <Textarea
            label="Description"
            autosize
            minRows={2}
            maxRows={8}
            maxLength={MAX_DESCRIPTION}
            {...form.getInputProps("description")}
          />
          <TagsField
            value={form.values.tags}
            onChange={(tags) => form.setFieldValue("tags", tags)}
            error={form.errors.tags}
          />
          {error !== null && <ErrorState error={error} what="Saving" />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.submitting}>
              {submitLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
