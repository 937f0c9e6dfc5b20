import {
  IconArrowsDiff,
  IconDatabase,
  IconFolders,
  IconLayoutDashboard,
  IconListDetails,
  IconSettings,
  IconTrash,
  IconTrophy,
} from "@tabler/icons-react";

/** The pages one goes to; `key` follows `g` as a shortcut. */
export const PAGES = [
  { path: "/", label: "Dashboard", key: "d", icon: IconLayoutDashboard },
  { path: "/runs", label: "Runs", key: "r", icon: IconListDetails },
  { path: "/compare", label: "Compare", key: "c", icon: IconArrowsDiff },
  { path: "/leaderboard", label: "Leaderboard", key: "l", icon: IconTrophy },
  { path: "/datasets", label: "Datasets", key: "a", icon: IconDatabase },
  { path: "/projects", label: "Projects", key: "p", icon: IconFolders },
  { path: "/trash", label: "Trash", key: "t", icon: IconTrash },
  { path: "/settings", label: "Settings", key: "s", icon: IconSettings },
] as const;
