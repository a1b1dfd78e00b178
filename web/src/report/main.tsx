/** Entry of the report bundle: reads the document out of the page and draws it. */
import { createRoot } from "react-dom/client";
import type { ReportContent } from "../graphs/document";
import { readContent } from "../graphs/document";
import { startTheme } from "../ui/theme";
import "../ui/tokens.css";
import { Report } from "./Report";

function start(): void {
  const root = document.getElementById("root");
  const data = document.getElementById("epochal-document");
  if (!root) throw new Error('the page has no element with id "root"');
  startTheme();
  let content: ReportContent;
  try {
    content = readContent(JSON.parse(data?.textContent ?? "null"));
  } catch (error) {
    root.textContent = `This report cannot be drawn: ${String(error)}. Write it again with "epochal graph".`;
    return;
  }
  createRoot(root).render(<Report content={content} />);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
