import type { RunSummary } from "../server/api";
import { fileUrl } from "../server/api";
import { hasEnded } from "../server/states";
import { Card } from "../ui/controls";
import styles from "./RunFiles.module.css";

interface RunFile {
  path: string;
  text: string;
  /** Only written when a training ends well. */
  isLate?: boolean;
}

const FILES: RunFile[] = [
  { path: "weights/best.onnx", text: "The best model, for ONNX Runtime", isLate: true },
  { path: "weights/best.pt", text: "The best model, for Epochal" },
  { path: "graph.html", text: "This page as one file, to keep or send", isLate: true },
  { path: "results.csv", text: "All numbers as a table" },
  { path: "log.txt", text: "What the training printed" },
];

/** What a run leaves behind. */
export function RunFiles({ id, summary }: { id: string; summary: RunSummary }) {
  if (summary.epoch === null) return null;
  const files = FILES.filter((file) => !file.isLate || hasEnded(summary.state));
  return (
    <Card label="Files">
      <h2>Files of this run</h2>
      <ul className={styles["files"]}>
        {files.map(({ path, text }) => (
          <li key={path}>
            <a
              href={fileUrl(id, path)}
              target={path === "graph.html" || path === "log.txt" ? "_blank" : undefined}
              rel="noreferrer"
            >
              {path}
            </a>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
