import { ActionIcon, Combobox, Group, Text, TextInput, Tooltip, useCombobox } from "@mantine/core";
import { IconFilter, IconHelp, IconX } from "@tabler/icons-react";
import { type FormEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { Problem } from "~/api/client";
import { quoteContains } from "~/format/query";
import { useProject } from "~/state/address";
import { complete, placeAt } from "./completion";
import classes from "./filter.module.css";
import { QueryProblem } from "./QueryProblem";
import { QuickFilters } from "./QuickFilters";
import { isPlainWords } from "./tokens";
import { useQueryHistory } from "./useQueryHistory";
import { type Suggestion, useSuggestions } from "./useSuggestions";

interface FilterBarProps {
  query: string;
  problem: Problem | null;
  onQuery: (query: string) => void;
  input: RefObject<HTMLInputElement | null>;
}

/** The filter: a text of the query language with completion, its mistakes marked, and common ones as buttons. */
export function FilterBar({ query, problem, onQuery, input }: FilterBarProps) {
  const [history, remember] = useQueryHistory();
  const apply = (next: string) => {
    const asked = isPlainWords(next) ? containsQuery(next) : next.trim();
    if (asked !== "") remember(asked);
    onQuery(asked);
  };
  return (
    <div className={classes.bar}>
      <FilterInput query={query} problem={problem} history={history} onApply={apply} input={input} />
      <QuickFilters query={query} onQuery={onQuery} />
      {problem !== null && <QueryProblem query={query} problem={problem} />}
    </div>
  );
}

/** What finds words that somebody typed, because they do not know or need the language. */
function containsQuery(words: string): string {
  const like = quoteContains(words.trim());
  return `(name ilike ${like} or note ilike ${like})`;
}

interface FilterInputProps {
  query: string;
  problem: Problem | null;
  history: readonly string[];
  onApply: (query: string) => void;
  input: RefObject<HTMLInputElement | null>;
}

function FilterInput({ query, problem, history, onApply, input }: FilterInputProps) {
  const [text, setText] = useState(query);
  const [caret, setCaret] = useState(query.length);
  const nextCaret = useRef<number | null>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const project = useProject();
  const suggestions = useSuggestions(project, text, caret, combobox.dropdownOpened);
  const options = text.trim() === "" ? [...recent(history), ...suggestions] : suggestions;
  useEffect(() => setText(query), [query]);
  useEffect(() => {
    if (nextCaret.current === null) return;
    input.current?.setSelectionRange(nextCaret.current, nextCaret.current);
    setCaret(nextCaret.current);
    nextCaret.current = null;
  });

  const accept = (at: number) => {
    const chosen = options[at];
    if (chosen === undefined) return;
    combobox.resetSelectedOption();
    if (chosen.isWhole) {
      combobox.closeDropdown();
      return onApply(chosen.text);
    }
    const after = complete(text, placeAt(text, caret), chosen.text);
    nextCaret.current = after.caret;
    setText(after.text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    combobox.closeDropdown();
    onApply(text);
  };
  return (
    <search>
      <form onSubmit={submit} className={classes.form}>
        <Combobox store={combobox} onOptionSubmit={(at) => accept(Number(at))} offset={4} withinPortal>
          <Combobox.Target>
            <TextInput
              ref={input}
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
                combobox.openDropdown();
                combobox.resetSelectedOption();
              }}
              onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
              onClick={() => combobox.openDropdown()}
              onBlur={() => combobox.closeDropdown()}
              onKeyDown={(event) => {
                if (event.key === "Escape" && !combobox.dropdownOpened) event.currentTarget.blur();
              }}
              aria-label="Filter runs"
              placeholder='Filter: words, or metrics.accuracy > 0.9 and params.model = "svm"'
              error={problem !== null}
              aria-invalid={problem !== null}
              aria-describedby={problem === null ? undefined : "query-problem"}
              leftSection={<IconFilter size={15} />}
              rightSectionWidth={text === "" ? 28 : 52}
              rightSection={<FilterButtons isEmpty={text === ""} onClear={() => onApply("")} />}
              spellCheck={false}
              autoComplete="off"
              classNames={{ input: classes.input }}
            />
          </Combobox.Target>
          <Combobox.Dropdown hidden={options.length === 0}>
            <Combobox.Options aria-label="Suggestions" className={classes.options}>
              {options.map((option, at) => (
                <Option key={`${option.isWhole}${option.text}`} option={option} at={at} />
              ))}
            </Combobox.Options>
          </Combobox.Dropdown>
        </Combobox>
      </form>
    </search>
  );
}

function recent(history: readonly string[]): Suggestion[] {
  return history
    .slice(0, 6)
    .map((query) => ({ text: query, label: query, detail: "asked before", isWhole: true }));
}

function Option({ option, at }: { option: Suggestion; at: number }) {
  return (
    // The text field keeps the focus: a press must not take it before the click is done.
    <Combobox.Option value={String(at)} onMouseDown={(event) => event.preventDefault()}>
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Text size="sm" className="ml-text ml-mono" fz={12}>
          {option.label}
        </Text>
        <Text size="xs" c="dimmed" className="ml-text" style={{ flexShrink: 0 }} maw="50%">
          {option.detail}
        </Text>
      </Group>
    </Combobox.Option>
  );
}

const HELP =
  "Words, or conditions joined by and, or, not. Fields: metrics.NAME, params.NAME, tags.NAME, status, started_at …";

function FilterButtons({ isEmpty, onClear }: { isEmpty: boolean; onClear: () => void }) {
  return (
    <Group gap={0} wrap="nowrap">
      {!isEmpty && (
        <ActionIcon size="sm" aria-label="Clear the filter" onClick={onClear}>
          <IconX size={14} />
        </ActionIcon>
      )}
      <Tooltip label={HELP} multiline w={300}>
        <ActionIcon size="sm" aria-label="About filters">
          <IconHelp size={15} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
