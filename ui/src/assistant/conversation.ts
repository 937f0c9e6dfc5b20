/** What was asked and answered in this window; it outlives the panel, and a reload. */

import { useSyncExternalStore } from "react";
import { Problem } from "~/api/client";
import { type Answer, ask, type Turn } from "./ask";

export interface Exchange {
  question: string;
  /** The answer as far as it has come. */
  text: string;
  /** The tools that were called so far. */
  calls: readonly string[];
  answer: Answer | null;
  error: Problem | null;
  isStopped: boolean;
}

const KEY = "modellab.conversation";
/** The most exchanges that are kept, and sent along so that "those two" is understood. */
const MAX_KEPT = 50;
const MAX_SENT = 20;

class Conversation {
  private exchanges: readonly Exchange[] = read();
  private asking: AbortController | null = null;
  private readonly watchers = new Set<() => void>();

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  list = (): readonly Exchange[] => this.exchanges;

  isAsking = (): boolean => this.asking !== null;

  async ask(question: string): Promise<void> {
    if (this.asking !== null) return;
    const asking = new AbortController();
    this.asking = asking;
    const turns = makeTurns(this.exchanges);
    this.exchanges = [
      ...this.exchanges,
      { question, text: "", calls: [], answer: null, error: null, isStopped: false },
    ].slice(-MAX_KEPT);
    this.tell();
    const progress = {
      onCall: (name: string) => this.change((last) => ({ ...last, calls: [...last.calls, name] })),
      onText: (text: string) => this.change((last) => ({ ...last, text: last.text + text })),
    };
    try {
      const answer = await ask(question, turns, progress, asking.signal);
      this.change((last) => ({ ...last, answer, text: answer.natural_language_answer }));
    } catch (error) {
      if (asking.signal.aborted) this.change((last) => ({ ...last, isStopped: true }));
      else this.change((last) => ({ ...last, error: asProblem(error) }));
    } finally {
      this.asking = null;
      this.tell();
    }
  }

  /** Ask the last question again, which was not answered. */
  retry(): void {
    const last = this.exchanges.at(-1);
    if (last === undefined || this.asking !== null) return;
    this.exchanges = this.exchanges.slice(0, -1);
    void this.ask(last.question);
  }

  stop(): void {
    this.asking?.abort();
  }

  clear(): void {
    this.stop();
    this.exchanges = [];
    this.tell();
  }

  private change(how: (last: Exchange) => Exchange): void {
    const last = this.exchanges.at(-1);
    if (last === undefined) return;
    this.exchanges = [...this.exchanges.slice(0, -1), how(last)];
    this.tell();
  }

  private tell(): void {
    keep(this.exchanges);
    for (const watcher of this.watchers) watcher();
  }
}

/** Earlier questions with their answers, as the server takes them. */
export function makeTurns(exchanges: readonly Exchange[]): Turn[] {
  return exchanges
    .flatMap(({ question, answer }) =>
      answer === null
        ? []
        : [
            {
              question,
              natural_language_answer: answer.natural_language_answer,
              used_run_ids: answer.used_run_ids,
            },
          ],
    )
    .slice(-MAX_SENT);
}

/** Notes on who answered begin so; those on what was left out of a question are about that question alone. */
const WHO_ANSWERED = "Answered by ";

/** What an answer says about how it was made; who answered only where that has not been said yet. */
export function listNewNotes(exchanges: readonly Exchange[], at: number): string[] {
  const said = new Set(exchanges.slice(0, at).flatMap(({ answer }) => answer?.notes ?? []));
  return (exchanges[at]?.answer?.notes ?? []).filter(
    (note) => !note.startsWith(WHO_ANSWERED) || !said.has(note),
  );
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "No answer", String(error));
}

function read(): readonly Exchange[] {
  try {
    const kept: Exchange[] = JSON.parse(window.sessionStorage.getItem(KEY) ?? "[]");
    // One that was not whole when the page went will not go on.
    return kept.filter(({ answer }) => answer !== null);
  } catch {
    return [];
  }
}

function keep(exchanges: readonly Exchange[]): void {
  try {
    window.sessionStorage.setItem(KEY, JSON.stringify(exchanges.filter(({ answer }) => answer !== null)));
  } catch {
    // A private window may forbid it; the conversation then lasts as long as the page.
  }
}

export const conversation = new Conversation();

export function useConversation(): { exchanges: readonly Exchange[]; isAsking: boolean } {
  return {
    exchanges: useSyncExternalStore(conversation.watch, conversation.list),
    isAsking: useSyncExternalStore(conversation.watch, conversation.isAsking),
  };
}
