/** Entry of the app. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startTheme } from "../ui/theme";
import "../ui/tokens.css";
import { parseAddress } from "../graphs/view";
import { askEarly } from "../server/early";
import { App } from "./App";
import { runOfPath } from "./paths";

const run = runOfPath(parseAddress(location.hash).path);
if (run !== null) askEarly(run);
startTheme();
const root = document.getElementById("root");
if (!root) throw new Error('the page has no element with id "root"');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
