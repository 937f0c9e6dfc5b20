import { Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "~/api/client";
import { ErrorState } from "~/components/Feedback";
import { tellDone } from "~/components/notices";
import { checkPassword } from "./PasswordModal";
import { ROLES, type Role } from "./queries";

interface NewUserProps {
  /** A disabled user who is to be let in again. */
  again?: { name: string; role: Role };
  onClose: () => void;
}

/** A new user, or one who was disabled, with role and password. */
export function NewUser({ again, onClose }: NewUserProps) {
  const [error, setError] = useState<unknown>(null);
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: again?.name ?? "", role: again?.role ?? ("editor" as Role), password: "" },
    validate: {
      name: (name) => (name.trim() === "" ? "A name is needed." : null),
      password: checkPassword,
    },
  });
  const save = form.onSubmit(async ({ name, role, password }) => {
    setError(null);
    try {
      await client.POST("/api/modellab/users", { body: { name: name.trim(), role, password } });
    } catch (problem) {
      setError(problem);
      return;
    }
    await queries.invalidateQueries({ queryKey: ["users"] });
    tellDone(`${name.trim()} may log in now.`);
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={again ? `Let ${again.name} in again` : "New user"}>
      <form onSubmit={save} noValidate>
        <Stack gap="sm">
          <TextInput
            label="Name"
            required
            maxLength={100}
            autoComplete="off"
            readOnly={again !== undefined}
            data-autofocus={again ? undefined : true}
            {...form.getInputProps("name")}
          />
          <Select label="Role" data={[...ROLES]} {...form.getInputProps("role")} />
          <PasswordInput
            size="xs"
            label="Password"
            description="At least 10 characters; hand it over yourself"
            autoComplete="new-password"
            required
            {...form.getInputProps("password")}
          />
          {error !== null && <ErrorState error={error} what="Adding the user" />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.submitting}>
              {again ? "Let in" : "Add"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
