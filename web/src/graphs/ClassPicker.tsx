import { useState } from "react";
import { formatFraction } from "../ui/format";
import { Button, Choice } from "../ui/controls";
import styles from "./ClassPicker.module.css";
import { lastAp } from "./classChoice";
import type { GraphDocument } from "./document";
import { classNames } from "./panels";
import type { View } from "./view";

interface ClassPickerProps {
  doc: GraphDocument;
  chosen: string[];
  view: View;
  onView: (change: Partial<View>) => void;
}

/** Which classes are drawn, and at which overlap. */
export function ClassPicker({ doc, chosen, view, onView }: ClassPickerProps) {
  const [search, setSearch] = useState("");
  const names = classNames(doc, view.iou);
  const found = names.filter((name) => name.toLowerCase().includes(search.toLowerCase()));
  const isMany = names.length > 8;
  const toggle = (name: string): void =>
    onView({ classes: chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name] });
  return (
    <div className={styles["picker"]}>
      <div className={styles["row"]}>
        <Choice
          label="Overlap"
          value={view.iou}
          options={[
            { value: "0.5:0.95", label: "AP_0.5:0.95", isDisabled: classNames(doc, "0.5:0.95").length === 0 },
            { value: "0.5", label: "AP_0.5", isDisabled: classNames(doc, "0.5").length === 0 },
          ]}
          onChange={(iou) => onView({ iou })}
        />
        {isMany && (
          <>
            <input
              type="search"
              placeholder={`Find one of ${names.length} classes`}
              aria-label="Find a class"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            <Button disabled={view.classes === null} onClick={() => onView({ classes: null })}>
              Weakest and strongest
            </Button>
          </>
        )}
      </div>
      <div className={styles["chips"]}>
        {found.map((name) => (
          <button key={name} type="button" aria-pressed={chosen.includes(name)} onClick={() => toggle(name)}>
            {name} <span>{formatFraction(lastAp(doc, name, view.iou))}</span>
          </button>
        ))}
        {found.length === 0 && <p>No class is called like “{search}”.</p>}
      </div>
    </div>
  );
}
