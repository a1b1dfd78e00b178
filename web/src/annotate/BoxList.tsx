/** The boxes as a list: what the picture shows, for those who work with keys or a screen reader, and for exact numbers. */
import { useEffect, useRef } from "react";
import { Button } from "../ui/controls";
import { InputField, SelectField } from "../ui/fields";
import shared from "../ui/shared.module.css";
import styles from "./Annotate.module.css";
import lists from "./Lists.module.css";
import type { Box, Edit, Editing } from "./editing";
import type { Corners, Size } from "./geometry";
import { boxBetween, isLargeEnough } from "./geometry";

interface Props {
  editing: Editing;
  image: Size;
  names: string[];
  className: string | null;
  colour: (name: string) => string;
  onEdit: (edit: Edit) => void;
}

export function BoxList({ editing, image, names, className, colour, onEdit }: Props) {
  const { boxes, isEmpty } = editing.labels;
  const drafts = boxes.filter((one) => one.is_draft).length;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (list.current && editing.selected !== null) showInList(list.current, editing.selected);
  }, [editing.selected, boxes.length]);
  return (
    <section aria-label="Boxes" className={styles["panel"]}>
      <h2>Boxes ({boxes.length})</h2>
      {drafts > 0 && (
        <div className={lists["drafts"]}>
          <p>
            {drafts} {drafts === 1 ? "draft" : "drafts"} of a model, dashed. The image counts as labelled when none is
            left.
          </p>
          <div className={shared["buttons"]}>
            <Button tone="primary" onClick={() => onEdit({ kind: "accept", index: null })}>
              Take all
            </Button>
            <Button onClick={() => onEdit({ kind: "refuse" })}>Refuse all</Button>
          </div>
        </div>
      )}
      {boxes.length === 0 && (
        <div className={shared["section"]}>
          <p className={shared["hint"]}>
            {isEmpty
              ? "Labelled: nothing is on this image. A detector learns from that too."
              : "Nobody has labelled this image."}
          </p>
          {!isEmpty && <Button onClick={() => onEdit({ kind: "empty" })}>Nothing is on this image</Button>}
        </div>
      )}
      <ol className={lists["boxes"]} ref={list}>
        {boxes.map((box, i) => (
          <li key={i} data-chosen={i === editing.selected} data-testid="listed">
            <div className={lists["row"]}>
              <button
                type="button"
                aria-pressed={i === editing.selected}
                onClick={() => onEdit({ kind: "select", index: i === editing.selected ? null : i })}
              >
                <i style={{ background: colour(box.class_name) }} data-draft={box.is_draft} />
                <span>
                  {i + 1}. {box.class_name}
                </span>
                <small>{textOf(box)}</small>
              </button>
              {box.is_draft && (
                <Button
                  tone="quiet"
                  aria-label={`Take box ${i + 1}`}
                  onClick={() => onEdit({ kind: "accept", index: i })}
                >
                  Take
                </Button>
              )}
              <Button
                tone="quiet"
                aria-label={`Remove box ${i + 1}`}
                onClick={() => onEdit({ kind: "remove", index: i })}
              >
                ✕
              </Button>
            </div>
            {i === editing.selected && <Fields box={box} index={i} image={image} names={names} onEdit={onEdit} />}
          </li>
        ))}
      </ol>
      <Button
        tone="quiet"
        disabled={className === null}
        title="A box in the middle, to be moved by keys or numbers."
        onClick={() => className !== null && onEdit({ kind: "add", box: middle(image), className })}
      >
        Add a box in the middle
      </Button>
      {drafts === 0 && boxes.length > 0 && <p className={shared["hint"]}>This image counts as labelled.</p>}
    </section>
  );
}

function textOf(box: Box): string {
  if (box.is_draft) return box.confidence === null ? "draft" : `draft, ${Math.round(box.confidence * 100)} %`;
  return box.confidence === null ? "" : "taken from a model";
}

function middle([width, height]: Size): Corners {
  return [width * 0.4, height * 0.4, width * 0.6, height * 0.6];
}

interface FieldsProps {
  box: Box;
  index: number;
  image: Size;
  names: string[];
  onEdit: (edit: Edit) => void;
}

/** Class and place of the chosen box, in pixels. */
function Fields({ box, index, image, names, onEdit }: FieldsProps) {
  const [x1, y1, x2, y2] = box.box_xyxy;
  const values = { Left: x1, Top: y1, Width: x2 - x1, Height: y2 - y1 };
  const set = (name: keyof typeof values, text: string): void => {
    const { Left, Top, Width, Height } = Object.assign({ ...values }, { [name]: Number(text) });
    const moved = boxBetween([Left, Top], [Left + Math.max(0, Width), Top + Math.max(0, Height)], image);
    if (text !== "" && isLargeEnough(moved)) onEdit({ kind: "place", index, box: moved });
  };
  return (
    <div className={lists["fields"]}>
      <SelectField
        label="Class"
        value={box.class_name}
        options={names.map((name) => [name, name])}
        onChange={(className) => onEdit({ kind: "rename", index, className })}
      />
      {(Object.keys(values) as (keyof typeof values)[]).map((name) => (
        <InputField
          key={name}
          label={name}
          type="number"
          min={0}
          step={1}
          value={Math.round(values[name] * 10) / 10}
          onChange={(typed) => set(name, typed)}
        />
      ))}
    </div>
  );
}

/** Scroll a list to one of its rows, and nothing around it: `scrollIntoView` would move the picture too. */
function showInList(list: HTMLElement, row: number): void {
  const item = list.children[row]?.getBoundingClientRect();
  if (!item) return;
  const { top, bottom } = list.getBoundingClientRect();
  if (item.bottom > bottom) list.scrollTop += item.bottom - bottom;
  if (item.top < top) list.scrollTop += item.top - top;
}
