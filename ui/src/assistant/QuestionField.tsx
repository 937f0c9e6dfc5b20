import { ActionIcon, Textarea } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import classes from "./Assistant.module.css";
import { conversation } from "./conversation";

const MAX_LENGTH = 10_000;

interface QuestionFieldProps {
  isAsking: boolean;
  asked: readonly string[];
  takesFocus: boolean;
  onClose: () => void;
}

/**
 * Where a question is typed: Enter asks, Shift Enter begins a line, the up arrow brings the last one back, Escape
 * leaves.
 */
export function QuestionField({ isAsking, asked, takesFocus, onClose }: QuestionFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (takesFocus) field.current?.focus();
  }, [takesFocus]);
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
    if (event.key === "Escape" && text === "") onClose();
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
        ref={field}
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
