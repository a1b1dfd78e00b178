/** Entry of the app. */
import { createRoot } from "react-dom/client";
import { startTheme } from "../ui/theme";
import "../ui/tokens.css";

startTheme();
const root = document.getElementById("root");
if (root) createRoot(root).render(<main>Epochal</main>);
