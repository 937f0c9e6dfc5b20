import { Button, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client, onProblem, Problem } from "~/api/client";
import { live } from "~/api/live";

/** When a session has ended, asks for the password above the page, so that nothing typed there is lost. */
export function LoginAgain() {
  const [isOpen, setOpen] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const queries = useQueryClient();
  const form = useForm({ initialValues: { name: "", password: "" } });
  const { setFieldValue } = form;
  useEffect(
    () =>
      onProblem((problem) => {
        if (problem.status !== 401) return;
        // Nearly always it is the one who was here before.
        setFieldValue("name", (typed) => typed || nameOf(queries));
        setOpen(true);
      }),
    [queries, setFieldValue],
  );

  const logIn = form.onSubmit(async (values) => {
    setError(null);
    try {
      await client.POST("/api/modellab/login", { body: values });
    } catch (problem) {
      setError(problem instanceof Problem ? problem.detail : String(problem));
      return;
    }
    setOpen(false);
    form.reset();
    live.connect();
    await queries.invalidateQueries();
  });

  return (
    <Modal
      opened={isOpen}
      onClose={() => setOpen(false)}
      title="Your session has ended"
      // Above the form of another dialog in whose midst the session ended.
      zIndex={400}
      closeOnClickOutside={false}
    >
      <form onSubmit={logIn}>
        <Stack gap="sm">
          <Text size="sm">Log in to go on. The page stays as it is, and what you typed is kept.</Text>
          <TextInput
            label="Name"
            autoComplete="username"
            required
            data-autofocus={form.values.name === "" || undefined}
            {...form.getInputProps("name")}
          />
          <PasswordInput
            label="Password"
            size="xs"
            autoComplete="current-password"
            required
            data-autofocus={form.values.name !== "" || undefined}
            {...form.getInputProps("password")}
          />
          {error !== null && (
            <Text size="sm" c="red" role="alert">
              {error}
            </Text>
          )}
          <Button type="submit" loading={form.submitting}>
            Log in
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function nameOf(queries: QueryClient): string {
  return queries.getQueryData<{ name: string }>(["me"])?.name ?? "";
}
