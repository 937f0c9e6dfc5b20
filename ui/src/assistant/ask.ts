/** Asks the assistant, and follows its answer as it comes. */

import { createParser } from "eventsource-parser";
import { Problem, request, type Schemas } from "~/api/client";

export type Answer = Schemas["AgentAnswer"];
export type Turn = Schemas["Turn"];

export interface Progress {
  onCall: (name: string) => void;
  onText: (text: string) => void;
}

/** The answer to a question; throws a `Problem`, also where the stream ends before it came. */
export async function ask(
  question: string,
  conversation: readonly Turn[],
  { onCall, onText }: Progress,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await request("/api/modellab/agent/stream", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: question, conversation }),
    signal,
  });
  let answer: Answer | null = null;
  let problem: Problem | null = null;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const content = JSON.parse(data);
      if (event === "tool_call") onCall(content.name);
      else if (event === "text") onText(content.text);
      else if (event === "answer") answer = content;
      else if (event === "error") problem = new Problem(503, "No answer", content.detail, content.hint);
    },
  });
  const text = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await text?.read(); piece && !piece.done; piece = await text?.read())
    parser.feed(piece.value);
  if (problem !== null) throw problem;
  if (answer === null) throw new Problem(0, "No answer", "The server ended the answer before it was whole.");
  return answer;
}
