/** How images are varied anew at every draw: as derived, or each step by hand. */
import { Choice } from "../ui/controls";
import { InputField } from "../ui/fields";
import shared from "../ui/shared.module.css";
import type { AugmentationForm, AugmentationStep } from "./augmentation";
import { percentOf, STEP_WORDS, stepsOf, usualForm, usualSettings } from "./augmentation";
import type { RecipeDescription } from "./trainings";
import styles from "./Augmentation.module.css";

interface Props {
  recipe: RecipeDescription;
  /** null: as derived. */
  value: AugmentationForm | null;
  onChange: (value: AugmentationForm | null) => void;
}

export function AugmentationFields({ recipe, value, onChange }: Props) {
  const steps = stepsOf(recipe);
  return (
    <div className={shared["section"]}>
      <p className={shared["hint"]}>
        While it learns, a net never sees an image twice in the same way: each time it is varied a little, so that the
        net learns the things and not the pictures. Nothing is written to the disk, and val and test stay as they are.
        The derived settings suit most datasets.
      </p>
      <Choice
        label="Online augmentation"
        value={value === null ? "derived" : "chosen"}
        options={[
          { value: "derived", label: "As derived" },
          { value: "chosen", label: "Choose each" },
        ]}
        onChange={(now) => onChange(now === "derived" ? null : usualForm(steps))}
      />
      {value !== null && (
        <ul className={styles["steps"]}>
          {steps.map((step) => (
            <li key={step.name}>
              <Step
                step={step}
                settings={value[step.name] ?? null}
                onChange={(settings) => {
                  const others = Object.entries(value).filter(([name]) => name !== step.name);
                  onChange(Object.fromEntries(settings ? [...others, [step.name, settings]] : others));
                }}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface StepProps {
  step: AugmentationStep;
  /** null: off. */
  settings: Record<string, string> | null;
  onChange: (settings: Record<string, string> | null) => void;
}

function Step({ step, settings, onChange }: StepProps) {
  const words = STEP_WORDS[step.name] ?? { title: step.name, about: "", caution: "" };
  return (
    <fieldset className={styles["step"]}>
      <legend>
        <label>
          <input
            type="checkbox"
            checked={settings !== null}
            onChange={(event) => onChange(event.target.checked ? usualSettings(step) : null)}
          />
          {words.title}
        </label>
      </legend>
      <p>{words.about}</p>
      <p className={shared["hint"]}>{words.caution}</p>
      {settings !== null && (
        <div className={shared["fields"]}>
          {step.settings.map(({ name, label, knob, usual }) => (
            <InputField
              key={name}
              label={label}
              title={knob.description}
              type="number"
              min={Number(percentOf(knob.minimum))}
              max={Number(percentOf(knob.maximum))}
              step="any"
              placeholder={percentOf(usual)}
              value={settings[name] ?? ""}
              onChange={(typed) => onChange({ ...settings, [name]: typed })}
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}
