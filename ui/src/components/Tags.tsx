import { Badge, Group, TagsInput, Text } from "@mantine/core";
import { formatTags } from "./tags";

/** Tags as small labels; `limit` says how many before "and n more". */
export function TagList({ tags, limit = 6 }: { tags: Readonly<Record<string, unknown>>; limit?: number }) {
  const texts = formatTags(tags);
  if (texts.length === 0) return null;
  return (
    <Group gap={4}>
      {texts.slice(0, limit).map((text) => (
        <Badge key={text} color="gray" maw={220} title={text}>
          <span className="ml-text">{text}</span>
        </Badge>
      ))}
      {texts.length > limit && (
        <Text size="xs" c="dimmed">
          and {texts.length - limit} more
        </Text>
      )}
    </Group>
  );
}

interface TagsFieldProps {
  value: string[];
  onChange: (value: string[]) => void;
  error?: React.ReactNode;
}

/** Tags to type, each `name=value`. */
export function TagsField({ value, onChange, error }: TagsFieldProps) {
  return (
    <TagsInput
      size="xs"
      label="Tags"
      description="Each name=value; Enter adds it"
      placeholder={value.length === 0 ? "team=vision" : undefined}
      // A value may hold a comma.
      splitChars={[]}
      acceptValueOnBlur
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}
