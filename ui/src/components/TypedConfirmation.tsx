import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ErrorState } from "./Feedback";

interface TypedConfirmationProps {
  title: string;
  /** What will be gone. */
  children: ReactNode;
  /** What has to be typed. */
  word: string;
  submitLabel: string;
  what: string;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

/** Asks to type a word before something that cannot be undone. Mount it to open it. */
export function TypedConfirmation(props: TypedConfirmationProps) {
  const { title, children, word, submitLabel, what, onConfirm, onClose } = props;
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isRight = typed.trim() === word;
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight && !isBusy) void confirm();
        }}
      >
        <Stack gap="sm">
          {children}
          <TextInput
            label={`Type ${word} to confirm`}
            autoComplete="off"
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {error !== null && <ErrorState error={error} what={what} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red" disabled={!isRight} loading={isBusy}>
              {submitLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
