import type { ReactNode } from "react";
import shared from "./shared.module.css";

interface FormProps {
  className?: string | undefined;
  onSubmit: () => void;
  children: ReactNode;
}

/** A form that the page answers, in the browser's place. */
export function Form({ className = shared["section"], onSubmit, children }: FormProps) {
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
