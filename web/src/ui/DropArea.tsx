/** Where files are dropped; it says by its colour that they may be. */
import type { ReactNode } from "react";
import { useState } from "react";
import styles from "./DropArea.module.css";

interface Props {
  /** How its content lies. */
  className?: string | undefined;
  onDropped: (what: DataTransfer) => void;
  children: ReactNode;
}

export function DropArea({ className = "", onDropped, children }: Props) {
  const [isOver, setIsOver] = useState(false);
  return (
    <div
      className={`${styles["area"]} ${className}`}
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        onDropped(event.dataTransfer);
      }}
    >
      {children}
    </div>
  );
}
