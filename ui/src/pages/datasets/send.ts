/** Sends a file as a dataset. */

import type { Schemas } from "~/api/client";
import { type Sending, sendBody } from "~/uploads/send";

export type AddedDataset = Schemas["AddedDatasetBody"];

export interface Said {
  name: string;
  projectId: string | null;
  description: string;
}

/** Send a file as a dataset; `onSent` hears how many bytes have gone. */
export function sendDataset(file: File, said: Said, onSent: (bytes: number) => void): Sending<AddedDataset> {
  const form = new FormData();
  // The server reads them as they arrive: what is said of a file must come before it.
  form.append("name", said.name);
  if (said.projectId !== null) form.append("project_id", said.projectId);
  if (said.description !== "") form.append("description", said.description);
  form.append("file", file, file.name);
  return sendBody({ address: "/api/modellab/datasets", body: form, size: file.size, onSent });
}
