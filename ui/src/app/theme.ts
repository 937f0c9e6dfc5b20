import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Menu,
  Modal,
  type MultiSelectProps,
  type NumberInputProps,
  type SegmentedControlProps,
  type SelectProps,
  type TableProps,
  type TabsProps,
  type TextareaProps,
  TextInput,
  Tooltip,
} from "@mantine/core";

const blue: MantineColorsTuple = [
  "#e8f0fa",
  "#d0e0f4",
  "#a4c3e9",
  "#7fb8f0",
  "#4a8fd8",
  "#2f76c8",
  "#1c5fb8",
  "#164e99",
  "#113e7b",
  "#0b2e5d",
];

/** Props of a component that not every page needs: naming the component itself would load it with the first one. */
const byDefault = <Props>(defaultProps: Partial<Props>) => ({ defaultProps });

/** One type scale, one spacing scale, small controls: made for people who look at it all day. */
export const theme = createTheme({
  primaryColor: "lab",
  primaryShade: { light: 6, dark: 5 },
  colors: { lab: blue },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: "var(--ml-font-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "20px", xl: "32px" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "20px", lineHeight: "1.3" },
      h2: { fontSize: "16px", lineHeight: "1.35" },
      h3: { fontSize: "14px", lineHeight: "1.4" },
    },
  },
  defaultRadius: "sm",
  cursorType: "pointer",
  autoContrast: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray", size: "md" } }),
    // Mantine's yellow on yellow is too pale to read.
    Alert: Alert.extend({
      styles: (_, { color }) => (color === "yellow" ? { title: { color: "var(--ml-warn)" } } : {}),
    }),
    Badge: Badge.extend({
      defaultProps: { variant: "light", size: "sm", tt: "none", fw: 500 },
      styles: (_, { color }) => (color === "yellow" ? { label: { color: "var(--ml-warn)" } } : {}),
    }),
    Button: Button.extend({ defaultProps: { size: "xs" } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", position: "bottom-end" } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close" } } }),
    MultiSelect: byDefault<MultiSelectProps>({ size: "xs" }),
    NumberInput: byDefault<NumberInputProps>({ size: "xs" }),
    Select: byDefault<SelectProps>({ size: "xs", allowDeselect: false }),
    SegmentedControl: byDefault<SegmentedControlProps>({ size: "xs" }),
    Table: byDefault<TableProps>({ fz: "sm", verticalSpacing: 5, horizontalSpacing: "sm" }),
    Tabs: byDefault<TabsProps>({ keepMounted: false }),
    Textarea: byDefault<TextareaProps>({ size: "xs" }),
    TextInput: TextInput.extend({ defaultProps: { size: "xs" } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: true } },
    }),
  },
});

/** Mantine derives the colour of links from the primary one; ours stands in tokens.css. */
export const cssVariables: CSSVariablesResolver = () => {
  const links = { "--mantine-color-anchor": "var(--ml-accent)" };
  return { variables: {}, light: links, dark: links };
};
