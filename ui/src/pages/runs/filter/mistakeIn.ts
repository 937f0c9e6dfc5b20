import { Problem } from "~/api/client";

/** The error, if it is a mistake in the query rather than anything else that went wrong. */
export function mistakeIn(error: unknown): Problem | null {
  return error instanceof Problem && typeof error.document.position === "number" ? error : null;
}
