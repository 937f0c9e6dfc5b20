// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { UploadQueue } from "./queue";

/** A queue whose sending is done by hand. */
function makeQueue() {
  const begun: {
    name: string;
    finish: (n: string) => void;
    fail: (e: unknown) => void;
    sent: (b: number) => void;
  }[] = [];
  let clock = 0;
  const queue = new UploadQueue<string, { name: string }>(
    (file, _said, onSent) => {
      let cancel = () => {};
      const done = new Promise<{ name: string }>((resolve, reject) => {
        cancel = () => reject(new DOMException("", "AbortError"));
        begun.push({
          name: file.name,
          finish: (name) => resolve({ name }),
          fail: reject,
          sent: onSent,
        });
      });
      return { done, cancel: () => cancel() };
    },
    () => ++clock * 1000,
  );
  const add = (...names: string[]) =>
    queue.add(names.map((name) => ({ file: new File(["12345678"], name), said: "iris" })));
  const states = () => queue.list().map(({ state }) => state);
  return { queue, begun, add, states };
}

const settled = () => new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => resolve(null))));

describe("uploads", () => {
  it("go one after the other, and tell of each that arrives", async () => {
    const { queue, begun, add, states } = makeQueue();
    const arrived: string[] = [];
    queue.onArrival(({ name }) => arrived.push(name));
    add("a.csv", "b.csv");
    expect(states()).toEqual(["sending", "waiting"]);
    begun[0]?.sent(8);
    expect(states()).toEqual(["reading", "waiting"]);
    begun[0]?.finish("a");
    await settled();
    expect(states()).toEqual(["done", "sending"]);
    expect(arrived).toEqual(["a"]);
  });

  it("can be cancelled while waiting and while sending, and the next goes on", async () => {
    const { queue, add, states } = makeQueue();
    add("a.csv", "b.csv", "c.csv");
    const [first, second] = queue.list();
    queue.cancel(second?.key ?? 0);
    queue.cancel(first?.key ?? 0);
    await settled();
    expect(states()).toEqual(["cancelled", "cancelled", "sending"]);
  });

  it("keep the file of one that failed, so that it can be tried again", async () => {
    const { queue, begun, add, states } = makeQueue();
    add("a.csv");
    begun[0]?.fail(new Error("no"));
    await settled();
    expect(states()).toEqual(["failed"]);
    queue.retry(queue.list()[0]?.key ?? 0);
    expect(states()).toEqual(["sending"]);
    expect(begun[1]?.name).toBe("a.csv");
  });

  it("that are over can be taken away", async () => {
    const { queue, begun, add, states } = makeQueue();
    add("a.csv", "b.csv");
    begun[0]?.finish("a");
    await settled();
    queue.clear();
    expect(states()).toEqual(["sending"]);
  });
});
