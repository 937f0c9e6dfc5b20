import {
  ActionIcon,
  AppShell,
  Box,
  Burger,
  Group,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKeyboard, IconMessageQuestion, IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, Outlet, useLocation } from "react-router";
import { Loading } from "~/components/Feedback";
import { useLink } from "~/state/address";
import { usePreference } from "~/state/preference";
import { ColorScheme } from "./ColorScheme";
import { CommandPalette, openPalette } from "./CommandPalette";
import { ConnectionNotice } from "./ConnectionNotice";
import { useDensityOnPage } from "./density";
import { LoginAgain } from "./LoginAgain";
import { PAGES } from "./navigation";
import { ProjectSwitcher } from "./ProjectSwitcher";
import { ShortcutSheet, useShortcuts } from "./Shortcuts";
import { UserMenu } from "./UserMenu";

const AssistantPanel = lazy(() => import("~/assistant/AssistantPanel"));

/** What stands around every page: navigation, the project, search, appearance, and news of the connection. */
export function Shell() {
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isSheetOpen, sheet] = useDisclosure(false);
  const { pathname } = useLocation();
  const [assistant, setAssistant] = usePreference("assistant", "closed");
  const asks = assistant === "open";
  const isRestored = useRef(asks); // open since before: the page keeps the focus then
  const assistantButton = useRef<HTMLButtonElement>(null);
  const toggleAssistant = () => {
    isRestored.current = false;
    setAssistant(asks ? "closed" : "open");
    if (asks) assistantButton.current?.focus();
  };
  useShortcuts(sheet.toggle, toggleAssistant);
  useDensityOnPage();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of a phone closes when a page opens
  useEffect(menu.close, [pathname]);
  return (
    <AppShell
      header={{ height: "var(--ml-header-height)" }}
      navbar={{ width: "var(--ml-sidebar-width)", breakpoint: "sm", collapsed: { mobile: !isMenuOpen } }}
      aside={{
        width: "var(--ml-assistant-width)",
        breakpoint: "md",
        collapsed: { desktop: !asks, mobile: !asks },
      }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <button type="button" className="ml-skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <AppShell.Header>
        <Group h="100%" px="sm" gap="sm" wrap="nowrap" justify="space-between">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger
              opened={isMenuOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
            />
            <Link
              to="/"
              style={{ color: "inherit", textDecoration: "none" }}
              aria-label="ModelLab, dashboard"
            >
              <Group gap={8} wrap="nowrap">
                <img src="./icon.svg" width={22} height={22} alt="" />
                <Text fw={650} visibleFrom="xs">
                  ModelLab
                </Text>
              </Group>
            </Link>
            <ProjectSwitcher />
          </Group>
          <Group gap={4} wrap="nowrap">
            <SearchButton />
            <Tooltip label="Assistant (a)">
              <ActionIcon
                ref={assistantButton}
                onClick={toggleAssistant}
                aria-label="Assistant"
                aria-expanded={asks}
                variant={asks ? "light" : "subtle"}
              >
                <IconMessageQuestion size={18} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Keyboard shortcuts (?)">
              <ActionIcon onClick={sheet.open} aria-label="Keyboard shortcuts" visibleFrom="sm">
                <IconKeyboard size={18} />
              </ActionIcon>
            </Tooltip>
            <ColorScheme />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <AppShell.Section grow component={ScrollArea}>
          <Navigation />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        <ConnectionNotice />
        <Outlet />
      </AppShell.Main>
      <AppShell.Aside>
        {asks && (
          <Suspense fallback={<Loading />}>
            <AssistantPanel onClose={toggleAssistant} takesFocus={!isRestored.current} />
          </Suspense>
        )}
      </AppShell.Aside>
      <CommandPalette />
      <ShortcutSheet opened={isSheetOpen} onClose={sheet.close} />
      <LoginAgain />
    </AppShell>
  );
}

function Navigation() {
  const { pathname } = useLocation();
  const link = useLink();
  return PAGES.map(({ path, label, icon: Icon }) => {
    const isHere = path === "/" ? pathname === "/" : pathname === path || pathname.startsWith(`${path}/`);
    return (
      <NavLink
        key={path}
        component={Link}
        to={link(path)}
        label={label}
        leftSection={<Icon size={17} stroke={1.7} />}
        active={isHere}
        aria-current={isHere ? "page" : undefined}
        py={6}
        style={{ borderRadius: "var(--mantine-radius-sm)" }}
      />
    );
  });
}

function SearchButton() {
  return (
    <>
      <UnstyledButton onClick={openPalette} visibleFrom="sm">
        <Group
          gap="sm"
          px="sm"
          h={30}
          wrap="nowrap"
          style={{
            border: "1px solid var(--mantine-color-default-border)",
            borderRadius: "var(--mantine-radius-sm)",
          }}
        >
          <IconSearch size={15} />
          <Text size="sm" c="dimmed">
            Find anything
          </Text>
          <Box component="kbd" className="ml-mono" fz={11} c="dimmed">
            Ctrl K
          </Box>
        </Group>
      </UnstyledButton>
      <ActionIcon onClick={openPalette} aria-label="Search and commands" hiddenFrom="sm">
        <IconSearch size={18} />
      </ActionIcon>
    </>
  );
}
