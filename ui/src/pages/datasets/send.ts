/** Sends a file with its progress, which `fetch` does not tell; a failure is a `Problem` as of any request. */

import { Problem, readProblem, root, type Schemas, tell } from "~/api/client";

export type AddedDataset = Schemas["AddedDatasetBody"];

export interface Sending {
  done: Promise<AddedDataset>;
  cancel: () => void;
}

export interface Said {
  name: string;
  projectId: string | null;
  description: string;
}

/** Send a file as a dataset; `onSent` hears how many bytes have gone. */
export function sendDataset(file: File, said: Said, onSent: (bytes: number) => void): Sending {
  const form = new FormData();
  // The server reads them as they arrive: what is said of a file must come before it.
  form.append("name", said.name);
  if (said.projectId !== null) form.append("project_id", said.projectId);
  if (said.description !== "") form.append("description", said.description);
  form.append("file", file, file.name);
  const request = new XMLHttpRequest();
  const done = new Promise<AddedDataset>((resolve, reject) => {
    request.upload.onprogress = ({ loaded }) => onSent(Math.min(loaded, file.size));
    request.upload.onload = () => onSent(file.size);
    request.onload = async () => {
      if (request.status === 200 || request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(tell(await problemOf(request)));
    };
    request.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
    request.onerror = () =>
      reject(
        new Problem(
          0,
          "Connection lost",
          "The connection ended before the server had answered.",
          "The server may have been stopped, or the file may have changed while it was read.",
        ),
      );
  });
  request.open("POST", `${root}/api/modellab/datasets`);
  request.send(form);
  return { done, cancel: () => request.abort() };
}

function problemOf(request: XMLHttpRequest): Promise<Problem> {
  const headers = new Headers();
  const id = request.getResponseHeader("x-request-id");
  if (id !== null) headers.set("x-request-id", id);
  return readProblem(
    new Response(request.responseText, { status: request.status, statusText: request.statusText, headers }),
  );
}
