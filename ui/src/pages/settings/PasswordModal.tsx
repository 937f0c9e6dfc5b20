import { Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { client } from "~/api/client";
import { ErrorState } from "~/components/Feedback";
import { tellDone } from "~/components/notices";

const MIN_LENGTH = 10;

interface PasswordModalProps {
  name: string;
  /** One's own needs the present one. */
  isOwn: boolean;
  onClose: () => void;
}

/** Another password for a user. */
export function PasswordModal({ name, isOwn, onClose }: PasswordModalProps) {
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: { current: "", password: "" },
    validate: { password: checkPassword },
  });
  const save = form.onSubmit(async ({ current, password }) => {
    setError(null);
    try {
      await client.PUT("/api/modellab/users/{name}", {
        params: { path: { name } },
        body: { password, ...(isOwn && { current_password: current }) },
      });
    } catch (problem) {
      setError(problem);
      return;
    }
    tellDone(isOwn ? "Your password is another one now." : `${name} has another password now.`);
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={isOwn ? "Change your password" : `Another password for ${name}`}>
      <form onSubmit={save} noValidate>
        <Stack gap="sm">
          {!isOwn && (
            <Text size="sm">Hand it over yourself; {name} can change it in the settings afterwards.</Text>
          )}
          {isOwn && (
            <PasswordInput
              size="xs"
              label="Present password"
              autoComplete="current-password"
              data-autofocus
              {...form.getInputProps("current")}
            />
          )}
          <PasswordInput
            size="xs"
            label="New password"
            description={`At least ${MIN_LENGTH} characters`}
            autoComplete="new-password"
            data-autofocus={isOwn ? undefined : true}
            {...form.getInputProps("password")}
          />
          {error !== null && <ErrorState error={error} what="Setting the password" />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.submitting}>
              Set password
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Why a password is not taken; `null` if it is. */
export function checkPassword(password: string): string | null {
  return password.length < MIN_LENGTH
    ? `${password.length} characters; at least ${MIN_LENGTH} are needed.`
    : null;
}
