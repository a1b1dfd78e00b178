/** The order of a training: a net and little else; what is left empty is derived from the data. */
import { useQuery } from "@tanstack/react-query";
import type { ComponentProps } from "react";
import { useState } from "react";
import { Button, Card } from "../ui/controls";
import { InputField, SelectField } from "../ui/fields";
import { Form } from "../ui/Form";
import shared from "../ui/shared.module.css";
import { AugmentationFields } from "./AugmentationFields";
import type { OrderForm } from "./order";
import { EMPTY_ORDER, furtherKnobs, orderOf } from "./order";
import { StartField } from "./StartField";
import type { RecipeDescription, TrainingOrder } from "./trainings";
import { getRecipe } from "./trainings";
import styles from "./Versions.module.css";

const MODELS = [
  ["fast-n", "fast-n: the smallest and quickest, made for CPUs"],
  ["fast-s", "fast-s: some three times the work"],
  ["fast-m", "fast-m: the largest; wants a GPU or patience"],
] as const;

interface Props {
  workspace: string;
  onOrder: (order: TrainingOrder) => void;
  isBusy: boolean;
}

export function OrderCard({ workspace, onOrder, isBusy }: Props) {
  const [form, setForm] = useState(EMPTY_ORDER);
  const set = (change: Partial<OrderForm>): void => setForm({ ...form, ...change });
  const recipe = useQuery({ queryKey: ["recipe", workspace], queryFn: () => getRecipe(workspace, "fast") });
  return (
    <Card label="New training">
      <Form onSubmit={() => onOrder(orderOf(form))}>
        <h2>New training</h2>
        <div className={shared["fields"]}>
          <SelectField label="Model" value={form.model} options={MODELS} onChange={(model) => set({ model })} />
          <NumberField label="Epochs" value={form.epochs} min={1} max={10000} onChange={(epochs) => set({ epochs })} />
          <NumberField
            label="Image size (pixels)"
            value={form.size}
            min={64}
            max={2048}
            onChange={(size) => set({ size })}
          />
          <StartField
            workspace={workspace}
            checkpoints={recipe.data?.checkpoints ?? []}
            value={form.start}
            onChange={(start) => set({ start })}
          />
        </div>
        {recipe.data && (
          <details>
            <summary>How images are varied: {form.augmentation === null ? "as derived" : "chosen by hand"}</summary>
            <AugmentationFields
              recipe={recipe.data}
              value={form.augmentation}
              onChange={(augmentation) => set({ augmentation })}
            />
          </details>
        )}
        <details>
          <summary>More: name, limits, webhook, hyperparameters</summary>
          <More form={form} set={set} recipe={recipe.data} />
        </details>
        <p className={shared["hint"]}>
          What is left empty is derived from the data; the run says what and why. A training takes one credit when it
          starts, and gives it back when it fails or is cancelled before its first epoch.
        </p>
        <div className={shared["buttons"]}>
          <Button type="submit" tone="primary" disabled={isBusy}>
            Start training
          </Button>
        </div>
      </Form>
    </Card>
  );
}

interface MoreProps {
  form: OrderForm;
  set: (change: Partial<OrderForm>) => void;
  recipe: RecipeDescription | undefined;
}

function More({ form, set, recipe }: MoreProps) {
  const knobs = furtherKnobs(recipe?.schema.properties.hyperparameters.properties ?? {});
  return (
    <div className={styles["more"]}>
      <div className={shared["fields"]}>
        <InputField
          label="Name"
          value={form.name}
          maxLength={200}
          placeholder="made from project and version"
          onChange={(name) => set({ name })}
        />
        <NumberField label="Seed" value={form.seed} min={0} max={2 ** 32 - 1} onChange={(seed) => set({ seed })} />
        <NumberField
          label="At most, hours"
          value={form.hours}
          min={0.01}
          max={20000}
          step="any"
          placeholder="no limit"
          onChange={(hours) => set({ hours })}
        />
        <NumberField
          label="Memory at most, GB"
          value={form.memoryGb}
          min={0.1}
          max={100000}
          step="any"
          placeholder="no limit"
          onChange={(memoryGb) => set({ memoryGb })}
        />
        <InputField
          label="Webhook"
          type="url"
          value={form.webhook}
          maxLength={2000}
          placeholder="https://example.org/hook"
          onChange={(webhook) => set({ webhook })}
        />
      </div>
      <p className={shared["hint"]}>
        A webhook is an address that is told of start, silence and end: a signed JSON object with state, epoch, best mAP
        and model. After the time limit the training is stopped and keeps its weights.
      </p>
      <h3>Hyperparameters</h3>
      <dl className={styles["knobs"]}>
        {knobs.map(([name, knob]) => {
          const usual = recipe?.template.hyperparameters[name];
          return (
            <div key={name}>
              <dt>
                <NumberField
                  label={name}
                  value={form.knobs[name] ?? ""}
                  min={knob.minimum}
                  max={knob.maximum}
                  step={knob.type.includes("integer") ? "1" : "any"}
                  placeholder={usual === null || usual === undefined ? "derived" : String(usual)}
                  onChange={(value) => set({ knobs: { ...form.knobs, [name]: value } })}
                />
              </dt>
              <dd className={shared["hint"]}>
                {knob.description} {knob.minimum} to {knob.maximum}.
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

function NumberField(props: Omit<ComponentProps<typeof InputField>, "type">) {
  return <InputField type="number" step="1" placeholder="derived" {...props} />;
}
