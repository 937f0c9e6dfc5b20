// @vitest-environment jsdom
import { act, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { createMemoryRouter, RouterProvider } from "react-router";
import { expect, test } from "vitest";
import { useAddress, useAddressList, useSetAddress } from "./address";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

function useSetters() {
  const [, setQuery] = useAddress("q");
  const [, setTab] = useAddress("tab", "verdict");
  const [, setRuns] = useAddressList("run");
  return { setQuery, setTab, setRuns, setMany: useSetAddress() };
}

let setters: ReturnType<typeof useSetters> | undefined;

function TestPage() {
  const own = useSetters();
  useEffect(() => {
    setters ??= own; // those of the first time it was drawn, as a timer would hold them
  });
  return null;
}

/** A page at `/page?q=old` that was opened after another, and a way to do something on it. */
async function openPage() {
  setters = undefined;
  const router = createMemoryRouter([{ path: "/page", Component: TestPage }], {
    initialEntries: ["/page?q=before", "/page?q=old"],
  });
  await act(async () => createRoot(document.createElement("div")).render(<RouterProvider router={router} />));
  const run = (what: (own: NonNullable<typeof setters>) => void) =>
    act(async () => what(setters as NonNullable<typeof setters>));
  return { router, run, search: () => router.state.location.search };
}

test("changes of one instant are all kept, and are one step of the history", async () => {
  const { router, run, search } = await openPage();
  await run(({ setQuery, setTab, setRuns, setMany }) => {
    setTab("radar", { push: true });
    setQuery("new");
    setRuns(["a", "b"]);
    setMany({ sort: "name", split: null });
  });
  expect(search()).toBe("?q=new&tab=radar&run=a&run=b&sort=name");
  await act(() => router.navigate(-1));
  expect(search()).toBe("?q=old");
});

test("a function from an earlier drawing changes what is shown now", async () => {
  const { router, run, search } = await openPage();
  await run(({ setTab }) => setTab("radar"));
  await act(() => router.navigate("/page?q=other&tab=curves"));
  await run(({ setRuns }) => setRuns(["a"]));
  expect(search()).toBe("?q=other&tab=curves&run=a");
  await run(({ setTab, setQuery }) => {
    setTab("verdict");
    setQuery(null);
  });
  expect(search()).toBe("?run=a");
});
