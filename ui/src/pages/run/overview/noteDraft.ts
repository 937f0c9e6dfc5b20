/** The text of a note that is being written, kept until it is saved: a reload or a login loses nothing. */

const PREFIX = "modellab.note.";

export interface NoteDraft {
  text: string;
  /** The note that it was begun from, to tell whether it changed elsewhere meanwhile. */
  base: string;
}

type Keeper = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function readDraft(runId: string, keeper: Keeper = window.sessionStorage): NoteDraft | null {
  try {
    const found: unknown = JSON.parse(keeper.getItem(PREFIX + runId) ?? "null");
    const isDraft = typeof found === "object" && found !== null && "text" in found && "base" in found;
    return isDraft ? { text: String(found.text), base: String(found.base) } : null;
  } catch {
    return null;
  }
}

export function keepDraft(
  runId: string,
  draft: NoteDraft | null,
  keeper: Keeper = window.sessionStorage,
): void {
  try {
    if (draft === null) keeper.removeItem(PREFIX + runId);
    else keeper.setItem(PREFIX + runId, JSON.stringify(draft));
  } catch {
    // A browser that keeps nothing still has it on the page.
  }
}

/** Whether the note that is there now is neither the one that the draft began from nor what it says. */
export function isConflict(draft: NoteDraft, noteNow: string | null): boolean {
  const now = noteNow ?? "";
  return now !== draft.base && now !== draft.text;
}
