import { CloseButton, TextInput, type TextInputProps } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";

type Look = Omit<TextInputProps, "label" | "value" | "onChange" | "leftSection" | "rightSection">;

interface SearchFieldProps extends Look {
  /** What is searched, for who does not see the glass. */
  label: string;
  value: string;
  onSearch: (text: string) => void;
}

/** Where one types what to look for; a press clears it again. */
export function SearchField({ label, value, onSearch, ...look }: SearchFieldProps) {
  return (
    <TextInput
      placeholder={label}
      {...look}
      aria-label={label}
      leftSection={<IconSearch size={14} />}
      rightSection={value !== "" && <CloseButton size="sm" aria-label="Clear" onClick={() => onSearch("")} />}
      value={value}
      onChange={(event) => onSearch(event.currentTarget.value)}
    />
  );
}
