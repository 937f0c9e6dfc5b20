import { type KeyboardEvent, useEffect, useRef } from "react";
import { isTyping } from "~/app/Shortcuts";

export interface GridKeys {
  active: number;
  total: number;
  pageSize: number;
  move: (index: number) => void;
  choose: (index: number, isRange: boolean) => void;
  open: (index: number) => void;
  chooseAll: () => void;
  clear: () => void;
  compare: () => void;
  focusFilter: () => void;
}

/** Where a key moves the active row to, or `null` if it does not. */
export function rowAfter(
  key: string,
  { active, total, pageSize }: Pick<GridKeys, "active" | "total" | "pageSize">,
) {
  const to = new Map([
    ["ArrowDown", active + 1],
    ["j", active + 1],
    ["ArrowUp", active - 1],
    ["k", active - 1],
    ["PageDown", active + pageSize],
    ["PageUp", active - pageSize],
    ["Home", 0],
    ["End", total - 1],
  ]).get(key);
  return to === undefined || total === 0 ? null : Math.min(Math.max(to, 0), total - 1);
}

/** Keys of the table while it has the focus; letters also while nothing has it. */
export function useGridKeys(keys: GridKeys): (event: KeyboardEvent) => void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      // The grid's own handler has seen what was pressed within it.
      const isElsewhere = !(event.target instanceof Element) || event.target.closest("[role=grid]") === null;
      if (isElsewhere && "jkxc/".includes(event.key) && pressLetter(event.key, latest.current))
        event.preventDefault();
      else if (isElsewhere && event.key === "Escape") latest.current.clear();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (event) => {
    // A button or link within has its own Enter and blank.
    const isOwn = event.target === event.currentTarget;
    const isChosenBox = event.target instanceof HTMLInputElement;
    if ((event.ctrlKey || event.metaKey) && event.key === "a" && isOwn) {
      event.preventDefault();
      return latest.current.chooseAll();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!isOwn && !isChosenBox && !/^[a-z/]$/.test(event.key) && event.key !== "Escape") return;
    if (pressInGrid(event, latest.current)) event.preventDefault();
  };
}

function pressInGrid(event: KeyboardEvent, keys: GridKeys): boolean {
  const to = rowAfter(event.key, keys);
  if (to !== null) {
    if (event.shiftKey) {
      keys.choose(keys.active, true);
      keys.choose(to, true);
    }
    keys.move(to);
    return true;
  }
  if (event.key === "Enter") keys.open(keys.active);
  else if (event.key === " ") keys.choose(keys.active, event.shiftKey);
  else if (event.key === "Escape") keys.clear();
  else return pressLetter(event.key, keys);
  return true;
}

function pressLetter(key: string, keys: GridKeys): boolean {
  const to = rowAfter(key, keys);
  if (to !== null) keys.move(to);
  else if (key === "x") keys.choose(keys.active, false);
  else if (key === "c") keys.compare();
  else if (key === "/") keys.focusFilter();
  else return false;
  return true;
}
