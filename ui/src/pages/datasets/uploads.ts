/** The files that are being sent as datasets. They outlive the page that began them. */

import type { Schemas } from "~/api/client";
import { makeQueue } from "~/uploads/queue";
import { sendBody } from "~/uploads/send";

export type AddedDataset = Schemas["AddedDatasetBody"];

/** What is said of a file. */
export interface DatasetWords {
  name: string;
  projectId: string | null;
  description: string;
}

export const uploadQueue = makeQueue<DatasetWords, AddedDataset>((file, said, onSent) =>
  sendBody<AddedDataset>({
    address: "/api/modellab/datasets",
    body: formFor(file, said),
    size: file.size,
    onSent,
  }),
);

/** The form of an upload. The server reads it as it arrives: what is said of a file must come before it. */
export function formFor(file: File, { name, projectId, description }: DatasetWords): FormData {
  const form = new FormData();
  form.append("name", name);
  if (projectId !== null) form.append("project_id", projectId);
  if (description !== "") form.append("description", description);
  form.append("file", file, file.name);
  return form;
}
