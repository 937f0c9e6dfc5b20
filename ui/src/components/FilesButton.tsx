import { Button, type ButtonProps, FileButton } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";

interface FilesButtonProps extends ButtonProps {
  onChoose: (files: File[]) => void;
}

/** A button that opens the browser's dialog to choose files. */
export function FilesButton({ onChoose, ...look }: FilesButtonProps) {
  return (
    // A browser tells only of files that are others than before; a file that was changed meanwhile is the same to it.
    <FileButton multiple onChange={onChoose} inputProps={{ onClick: forget }}>
      {(props) => (
        <Button {...props} {...look} leftSection={<IconUpload size={15} />}>
          Upload
        </Button>
      )}
    </FileButton>
  );
}

function forget(event: React.MouseEvent<HTMLInputElement>): void {
  event.currentTarget.value = "";
}
