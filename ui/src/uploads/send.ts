/** Sends bytes with their progress, which `fetch` does not tell; a failure is a `Problem` as of any request. */

import { Problem, readProblem, root, tell } from "~/api/client";

export interface Sending<Added> {
  done: Promise<Added>;
  cancel: () => void;
}

interface SendOptions {
  /** Under the page, such as `/api/modellab/datasets`. */
  address: string;
  body: FormData | Blob;
  /** Bytes of the file; a body may have some around it. */
  size: number;
  /** Hears how many bytes of the file have gone. */
  onSent: (bytes: number) => void;
}

/** Send a body with POST. */
export function sendBody<Added>({ address, body, size, onSent }: SendOptions): Sending<Added> {
  const request = new XMLHttpRequest();
  const done = new Promise<Added>((resolve, reject) => {
    request.upload.onprogress = ({ loaded }) => onSent(Math.min(loaded, size));
    request.upload.onload = () => onSent(size);
    request.onload = async () => {
      if (request.status === 200 || request.status === 201)
        resolve(JSON.parse(request.responseText) as Added);
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
  request.open("POST", root + address);
  request.send(body);
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
