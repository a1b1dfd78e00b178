/** How images that a rule keeps are stored: in which batch, how large, with which tags. */
import styles from "./Deploy.module.css";
import type { Interval, KeepingForm } from "./keeping";
import { batchToday, INTERVAL_NAMES, INTERVALS, PREFIX } from "./keeping";
import { NumberField } from "./NumberField";

export function KeepingFields({ value, onChange }: { value: KeepingForm; onChange: (value: KeepingForm) => void }) {
  const set = (change: Partial<KeepingForm>): void => onChange({ ...value, ...change });
  return (
    <fieldset className={styles["rule"]}>
      <legend>How they are kept</legend>
      <label>
        <span>Batches are called</span>
        <input
          value={value.prefix}
          maxLength={200}
          placeholder={PREFIX}
          onChange={(event) => set({ prefix: event.target.value })}
        />
      </label>
      <label>
        <span>A new batch</span>
        <select value={value.interval} onChange={(event) => set({ interval: event.target.value as Interval })}>
          {INTERVALS.map((one) => (
            <option key={one} value={one}>
              {INTERVAL_NAMES[one]}
            </option>
          ))}
        </select>
      </label>
      <NumberField
        label="Images in a batch at most"
        value={value.batchImages}
        min={1}
        isWhole
        isOptional
        onChange={(batchImages) => set({ batchImages })}
      />
      <NumberField
        label="Made smaller to, width px"
        value={value.width}
        min={16}
        isWhole
        isOptional={value.height === ""}
        onChange={(width) => set({ width })}
      />
      <NumberField
        label="Height px"
        value={value.height}
        min={16}
        isWhole
        isOptional={value.width === ""}
        onChange={(height) => set({ height })}
      />
      <NumberField
        label="JPEG quality, 1–100"
        value={value.quality}
        min={1}
        max={100}
        isWhole
        isOptional
        onChange={(quality) => set({ quality })}
      />
      <label>
        <span>Tags on every image, by commas</span>
        <input value={value.tags} placeholder="none" onChange={(event) => set({ tags: event.target.value })} />
      </label>
      <label className={styles["whole"]}>
        <input
          type="checkbox"
          checked={value.withDrafts}
          onChange={(event) => set({ withDrafts: event.target.checked })}
        />
        With the model’s boxes as drafts
      </label>
      <p className={styles["ruleHint"]}>
        An image of today would arrive in <strong>{batchToday(value.prefix, value.interval, new Date())}</strong>. A
        batch that is full takes no more until the next one begins. Left empty, size and quality stay as they come.
      </p>
    </fieldset>
  );
}
