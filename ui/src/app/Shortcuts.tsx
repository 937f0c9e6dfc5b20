import { Kbd, Modal, Table, Text, Title } from "@mantine/core";
import { getHotkeyHandler } from "@mantine/hooks";
import { Fragment, useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { makeLink, useProject } from "~/state/address";
import { PAGES } from "./navigation";

const SEQUENCE_MS = 1200;

/** What the sheet says; a page's own keys are handled by that page. */
const SHEET: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["Ctrl K", "Find runs, projects, datasets, pages, actions"],
      ["a", "Open or close the assistant"],
      ["?", "This sheet"],
      ...PAGES.map(({ key, label }) => [`g ${key}`, label] as const),
    ],
  },
  {
    title: "Runs",
    keys: [
      ["/", "Go to the filter"],
      ["↑ ↓  or  j k", "Next and previous row"],
      ["x  or  Space", "Choose the row"],
      ["Enter", "Open the run"],
      ["c", "Compare the chosen runs"],
      ["Esc", "Choose none"],
    ],
  },
  {
    title: "Charts",
    keys: [
      ["Drag", "Zoom into a range, on all charts that are linked"],
      ["Shift + drag", "Move the range"],
      ["Double click  or  0", "Show all"],
      ["+  −  ←  →", "Zoom and move, when a chart has the focus"],
    ],
  },
];

/** Listens for `?`, `a`, and `g` followed by a page's letter, unless a person is typing. */
export function useShortcuts(toggleSheet: () => void, toggleAssistant: () => void): void {
  const navigate = useNavigate();
  const project = useProject();
  const pressedG = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const isSecond = event.timeStamp - pressedG.current < SEQUENCE_MS;
      pressedG.current = event.key === "g" ? event.timeStamp : 0;
      if (event.key === "?") toggleSheet();
      const page = isSecond ? PAGES.find(({ key }) => key === event.key) : undefined;
      if (page !== undefined) {
        event.preventDefault();
        event.stopImmediatePropagation(); // the letter may mean something else to the page that is left
        navigate(makeLink(page.path, project));
      } else if (event.key === "a") {
        event.preventDefault(); // the panel has the focus next, and no `a` in it
        toggleAssistant();
      }
    };
    document.addEventListener("keydown", onKey, { capture: true });
    return () => document.removeEventListener("keydown", onKey, { capture: true });
  }, [navigate, project, toggleSheet, toggleAssistant]);
}

/** Whether keys go into a field, a dialog or a menu rather than to the page. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]") != null;
}

export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      size="lg"
      onKeyDown={getHotkeyHandler([["?", onClose]])}
    >
      {SHEET.map(({ title, keys }) => (
        <Fragment key={title}>
          <Title order={3} mt="sm">
            {title}
          </Title>
          <Table withRowBorders={false} verticalSpacing={3}>
            <Table.Tbody>
              {keys.map(([key, what]) => (
                <Table.Tr key={key}>
                  <Table.Td w={170}>
                    <Kbd size="xs">{key}</Kbd>
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm">{what}</Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Fragment>
      ))}
    </Modal>
  );
}
