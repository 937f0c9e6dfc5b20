import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/tokens.css";
import { createRoot } from "react-dom/client";
import { live } from "./api/live";
import { App } from "./app/App";

live.start();
const place = document.getElementById("root");
if (place !== null) createRoot(place).render(<App />);
