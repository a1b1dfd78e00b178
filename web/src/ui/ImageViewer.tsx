/** One image in large; arrow keys go on, Escape closes. */
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Button, Card } from "./controls";
import styles from "./ImageViewer.module.css";

interface ViewerProps {
  name: string;
  onStep: (step: 1 | -1) => void;
  onClose: () => void;
  children: ReactNode;
}

export function ImageViewer({ name, onStep, onClose, children }: ViewerProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    frame.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus(); // back to the small picture that opened it, far down the page
    };
  }, []);
  return (
    <Card label={name}>
      <div
        className={styles["viewer"]}
        ref={frame}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
          else if (event.key === "ArrowRight") onStep(1);
          else if (event.key === "ArrowLeft") onStep(-1);
          else return;
          event.preventDefault();
        }}
      >
        {children}
      </div>
    </Card>
  );
}

export function StepButtons({ onStep }: { onStep: (step: 1 | -1) => void }) {
  return (
    <>
      <Button onClick={() => onStep(-1)} aria-label="Image before">
        ←
      </Button>
      <Button onClick={() => onStep(1)} aria-label="Next image">
        →
      </Button>
    </>
  );
}
