/** Shows the app. */

import { createRoot } from "react-dom/client";
import { live } from "~/api/live";
import { App } from "./App";

live.start();
const place = document.getElementById("root");
if (place !== null) createRoot(place).render(<App />);
