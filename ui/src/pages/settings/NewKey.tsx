import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, root, type Schemas } from "~/api/client";
import { mayAdminister } from "~/app/me";
import { useUsers } from "~/app/users";
import { CodeBlock } from "~/components/CodeBlock";
import { ErrorState } from "~/components/Feedback";
import { SCOPES, type Scope } from "./queries";

const LIFETIMES = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "", label: "Never" },
];
const DAY_MS = 86_400_000;

/** A key for a program; it is shown once, before this is closed. */
export function NewKey({ me, onClose }: { me: Schemas["CallerBody"]; onClose: () => void }) {
  const [made, setMade] = useState<Schemas["MadeKeyBody"] | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      title={made === null ? "New API key" : `Key ${made.name}`}
      closeOnClickOutside={false}
      closeOnEscape={made === null}
    >
      {made === null ? (
        <NewKeyForm me={me} onMade={setMade} onClose={onClose} />
      ) : (
        <MadeKey made={made} onClose={onClose} />
      )}
    </Modal>
  );
}

interface NewKeyFormProps {
  me: Schemas["CallerBody"];
  onMade: (made: Schemas["MadeKeyBody"]) => void;
  onClose: () => void;
}

function NewKeyForm({ me, onMade, onClose }: NewKeyFormProps) {
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();
  const users = useUsers(mayAdminister(me));
  const names = users.data?.pages.flatMap(({ items }) =>
    items.filter(({ disabled_at }) => disabled_at === null),
  );
  const form = useForm({
    initialValues: { name: "", scope: "log" as Scope, days: "90", user: me.name },
    validate: { name: (name) => (name.trim() === "" ? "A name is needed, such as the machine's." : null) },
  });
  const save = form.onSubmit(async ({ name, scope, days, user }) => {
    setError(null);
    const expires_at = days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    try {
      const { data } = await client.POST("/api/modellab/keys", {
        body: { name: name.trim(), scope, expires_at, ...(user !== me.name && { user }) },
      });
      void queries.invalidateQueries({ queryKey: ["keys"] });
      if (data) onMade(data);
    } catch (problem) {
      setError(problem);
    }
  });
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder="cluster"
          required
          maxLength={100}
          data-autofocus
          {...form.getInputProps("name")}
        />
        <Select label="Scope" data={[...SCOPES]} {...form.getInputProps("scope")} />
        <Select label="Ends after" data={LIFETIMES} {...form.getInputProps("days")} />
        {names && (
          <Select
            label="User"
            data={names.map(({ name }) => name)}
            searchable
            {...form.getInputProps("user")}
          />
        )}
        {error !== null && <ErrorState error={error} what="Making the key" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={form.submitting}>
            Make key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function MadeKey({ made, onClose }: { made: Schemas["MadeKeyBody"]; onClose: () => void }) {
  return (
    <Stack gap="sm">
      <Alert color="yellow">Copy it now: it is not kept, and not shown again.</Alert>
      <CodeBlock code={made.key} label="Copy the key" />
      <Text size="sm">A training script uses it through two settings:</Text>
      <CodeBlock
        code={`export MODELLAB_API_URL=${window.location.origin}${root}\nexport MODELLAB_API_KEY=${made.key}`}
      />
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}
