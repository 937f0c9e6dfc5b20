import { ActionIcon, Textarea } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import classes from "./Assistant.module.css";
import { conversation } from "./conversation";

const MAX_LENGTH = 10_000;

/** Where a question is typed: Enter asks, Shift Enter begins a line, the up arrow brings the last one back. */
export function QuestionField({ isAsking, asked }: { isAsking: boolean; asked: readonly string[] }) {
  const [text, setText] = useState("");
  const question = text.trim();
  const send = () => {
    if (question === "" || isAsking) return;
    setText("");
    void conversation.ask(question);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (event.key === "ArrowUp" && text === "") setText(asked.at(-1) ?? "");
  };
  return (
    <div className={classes.field}>
      <Textarea
        aria-label="Question"
        placeholder="Which run is the best, and is it really?"
        autosize
        minRows={1}
        maxRows={6}
        maxLength={MAX_LENGTH}
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        style={{ flex: 1 }}
      />
      {isAsking ? (
        <ActionIcon variant="filled" color="gray" aria-label="Stop" onClick={() => conversation.stop()}>
          <IconPlayerStopFilled size={15} />
        </ActionIcon>
      ) : (
        <ActionIcon variant="filled" color="lab" aria-label="Ask" disabled={question === ""} onClick={send}>
          <IconArrowUp size={17} />
        </ActionIcon>
      )}
    </div>
  );
}
