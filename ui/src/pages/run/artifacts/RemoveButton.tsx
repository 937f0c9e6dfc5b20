import { Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconTrash } from "@tabler/icons-react";
import { tellDone, tellProblem } from "~/components/notices";
import { formatBytes } from "~/format/number";
import { useRemoveArtifacts } from "./queries";

interface RemoveButtonProps {
  runId: string;
  paths: readonly string[];
  /** What the person knows them by, and what they lose beside the name. */
  name: string;
  kind: "file" | "folder";
  holds?: string;
  onRemoved: () => void;
}

/** Deletes a file, or all that a folder holds. There is no way back, so it is asked first. */
export function RemoveButton({ runId, paths, name, kind, holds, onRemoved }: RemoveButtonProps) {
  const { mutateAsync, isPending } = useRemoveArtifacts(runId);
  const remove = async () => {
    try {
      const freed = await mutateAsync([...paths]);
      tellDone(`${name} is gone; ${formatBytes(freed)} are free.`);
      onRemoved();
    } catch (error) {
      tellProblem(`Deleting the ${kind}`, error);
    }
  };
  const ask = () =>
    modals.openConfirmModal({
      title: "Delete for good",
      children: (
        <Text size="sm" className="ml-wrap">
          {holds === undefined ? name : `${name}, with ${holds},`} is deleted at once. Files have no trash:
          this cannot be undone.
        </Text>
      ),
      labels: { confirm: "Delete for good", cancel: "Keep" },
      confirmProps: { color: "red" },
      onConfirm: () => void remove(),
    });
  return (
    <Button
      variant="default"
      color="red"
      loading={isPending}
      leftSection={<IconTrash size={14} />}
      onClick={ask}
    >
      Delete
    </Button>
  );
}
