import { describe, expect, it, vi } from "vitest";

vi.stubGlobal("document", { baseURI: "http://lab/" });
vi.stubGlobal("window", {
  location: { origin: "http://lab" },
  sessionStorage: { getItem: () => null, setItem: () => {} },
});
const { conversation, listNewNotes, makeTurns } = await import("./conversation");

const ANSWER = {
  intent: "best",
  natural_language_answer: "svm has 0.953.\nIt is one of 2.",
  used_run_ids: ["a", "b"],
  generated_by: "rules",
};

/** A server that says these events, torn at odd places as networks do. */
function answerWith(events: string): void {
  const bytes = new TextEncoder().encode(events);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  vi.stubGlobal("fetch", async () => new Response(body, { status: 200 }));
}

const event = (kind: string, data: unknown) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;

describe("a conversation", () => {
  it("shows tools, then text, then keeps the whole answer and sends it along", async () => {
    answerWith(
      event("tool_call", { name: "leaderboard", arguments: {} }) +
        event("text", { text: "svm has 0.953.\n" }) +
        event("text", { text: "It is one of 2." }) +
        event("answer", ANSWER),
    );
    await conversation.ask("best?");
    const [exchange] = conversation.list();
    expect(exchange?.calls).toEqual(["leaderboard"]);
    expect(exchange?.text).toBe(ANSWER.natural_language_answer);
    expect(makeTurns(conversation.list())).toEqual([
      {
        question: "best?",
        natural_language_answer: ANSWER.natural_language_answer,
        used_run_ids: ["a", "b"],
      },
    ]);
    conversation.clear();
  });

  it("keeps what came when the stream breaks, says so, and asks again", async () => {
    answerWith(event("text", { text: "svm has" }));
    await conversation.ask("best?");
    expect(conversation.list()[0]?.text).toBe("svm has");
    expect(conversation.list()[0]?.error?.detail).toContain("before it was whole");
    expect(makeTurns(conversation.list())).toEqual([]);
    answerWith(event("answer", ANSWER));
    conversation.retry();
    await vi.waitFor(() => expect(conversation.isAsking()).toBe(false));
    expect(conversation.list().map(({ answer }) => answer?.intent)).toEqual(["best"]);
    conversation.clear();
  });

  it("tells what the server says went wrong, with its hint", async () => {
    answerWith(event("error", { detail: "The database cannot be used.", hint: "Start it." }));
    await conversation.ask("best?");
    expect(conversation.list()[0]?.error).toMatchObject({
      detail: "The database cannot be used.",
      hint: "Start it.",
    });
    conversation.clear();
  });

  it("tells who answered once, and of every question what was left out of it", async () => {
    const notes = [
      "Answered by rules: no model is configured.",
      "Not understood, and so not used: “imagenet”.",
    ];
    for (const question of ["runs on imagenet", "best on imagenet"]) {
      answerWith(event("answer", { ...ANSWER, notes }));
      await conversation.ask(question);
    }
    expect(listNewNotes(conversation.list(), 0)).toEqual(notes);
    expect(listNewNotes(conversation.list(), 1)).toEqual(notes.slice(1));
    conversation.clear();
  });
});
