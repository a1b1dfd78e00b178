import { useEffect, useRef } from "react";
import { Button } from "../ui/controls";
import styles from "./Downloads.module.css";

export type DownloadKind = "png" | "svg" | "csv";

const KINDS: { kind: DownloadKind; text: string }[] = [
  { kind: "png", text: "Picture (PNG)" },
  { kind: "svg", text: "Drawing (SVG)" },
  { kind: "csv", text: "All numbers (CSV)" },
];

/** A small menu; Escape and a click elsewhere close it. */
export function Downloads({ onDownload }: { onDownload: (kind: DownloadKind) => void }) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event): void => {
      const isOutside = event.target instanceof Node && !menu.current?.contains(event.target);
      if (menu.current && (isOutside || (event instanceof KeyboardEvent && event.key === "Escape")))
        menu.current.open = false;
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details ref={menu} className={styles["menu"]}>
      <summary>Download</summary>
      <div>
        {KINDS.map(({ kind, text }) => (
          <Button
            key={kind}
            tone="quiet"
            onClick={() => {
              if (menu.current) menu.current.open = false;
              onDownload(kind);
            }}
          >
            {text}
          </Button>
        ))}
      </div>
    </details>
  );
}
