/** The class of the chosen box, else of the one drawn next: one of the project, by its number key too, or a new one. */
import type { RefObject } from "react";
import { useState } from "react";
import { Button } from "../ui/controls";
import { Form } from "../ui/Form";
import shared from "../ui/shared.module.css";
import styles from "./Annotate.module.css";
import lists from "./Lists.module.css";

const MANY = 12;
const NAME_LETTERS = 200;

interface Props {
  names: string[];
  current: string | null;
  /** Of the chosen box in the list, from 0. */
  number: number | null | undefined;
  colour: (name: string) => string;
  onChoose: (name: string) => void;
  /** The field for a new name, so that the page can ask for it. */
  field: RefObject<HTMLInputElement | null>;
}

export function ClassPanel({ names, current, number: box, colour, onChoose, field }: Props) {
  const [text, setText] = useState("");
  const wanted = text.trim().replace(/\s+/g, " ");
  const found = names.filter((name) => name.toLowerCase().includes(wanted.toLowerCase()));
  const shown = wanted && names.length > MANY ? found : names;
  const isKnown = names.includes(wanted);
  return (
    <section aria-label="Classes" className={styles["panel"]}>
      <h2>{box == null ? "Class of the next box" : `Class of box ${box + 1}`}</h2>
      <Form
        className={lists["newClass"]}
        onSubmit={() => {
          if (!wanted) return;
          onChoose(wanted);
          setText("");
          field.current?.blur();
        }}
      >
        <input
          ref={field}
          className={shared["input"]}
          aria-label="Name of a class"
          placeholder={names.length > MANY ? "Find or add a class" : "New class"}
          maxLength={NAME_LETTERS}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" disabled={!wanted}>
          {isKnown ? "Choose" : "Add"}
        </Button>
      </Form>
      {names.length === 0 && <p className={shared["hint"]}>Name what you want to find; then draw boxes around it.</p>}
      <ul className={lists["classes"]}>
        {shown.map((name) => {
          const number = names.indexOf(name) + 1;
          return (
            <li key={name}>
              <button type="button" aria-pressed={name === current} onClick={() => onChoose(name)}>
                <i style={{ background: colour(name) }} />
                <span>{name}</span>
                {number <= 9 && <kbd>{number}</kbd>}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
