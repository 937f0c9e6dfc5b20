import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/tokens.css";
import { findPage, PAGE_LOADERS } from "./app/pages";

// The frame and the page that the address names are fetched at the same time, rather than one after the other.
void import("./app/start");
const page = findPage(window.location.hash);
// The router asks for it again, and says what went wrong.
if (page !== undefined) PAGE_LOADERS[page]().catch(() => undefined);
