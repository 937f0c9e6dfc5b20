import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./CodeBlock.module.css";

/** Code or a command, with a button that copies it. */
export function CodeBlock({
  code,
  label = "Copy",
  maxHeight,
}: {
  code: string;
  label?: string;
  maxHeight?: number;
}) {
  return (
    <div className={classes.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <pre className={classes.code} style={{ maxHeight }} tabIndex={0}>
        {code}
      </pre>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : label}>
            <ActionIcon className={classes.copy} onClick={copy} aria-label={copied ? "Copied" : label}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
