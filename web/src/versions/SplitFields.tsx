/** How images are shared out between train, val and test. */
import { Choice } from "../ui/controls";
import { InputField } from "../ui/fields";
import type { Steps } from "./api";
import shared from "../ui/shared.module.css";

const METHODS = [
  { value: "keep", label: "As they are" },
  { value: "rebalance", label: "Draw anew" },
  { value: "stratified", label: "By class" },
];
const HINTS: Record<string, string> = {
  keep: "Each image stays where it was put. Where nothing is val, a fifth of train becomes val, drawn by the hash of the bytes; where nothing has a split, all is shared out 70/20/10.",
  rebalance: "All images are shared out anew, the same way whenever the seed is the same.",
  stratified: "All images are shared out anew, so that each split gets its share of every class.",
};
const PERCENT = { train: 70, val: 20, test: 10 };

export function SplitFields({ value, onChange }: { value: Steps; onChange: (value: Steps) => void }) {
  const method = String(value["method"]);
  const percent = (value["percent"] ?? PERCENT) as Record<string, number>;
  const together = value["group-near-duplicates"] === true;
  const change = (next: { method?: string; percent?: Record<string, number>; together?: boolean }): void => {
    const chosen = next.method ?? method;
    onChange({
      method: chosen,
      ...(chosen === "keep" ? {} : { percent: next.percent ?? percent }),
      ...((next.together ?? together) ? { "group-near-duplicates": true } : {}),
    });
  };
  return (
    <div className={shared["section"]}>
      <h2>Split</h2>
      <Choice label="Split" value={method} options={METHODS} onChange={(chosen) => change({ method: chosen })} />
      <p className={shared["hint"]}>{HINTS[method]}</p>
      {method !== "keep" && (
        <div className={shared["fields"]}>
          {(["train", "val", "test"] as const).map((split) => (
            <InputField
              key={split}
              label={`${split} (percent)`}
              type="number"
              min={0}
              max={100}
              value={percent[split] ?? 0}
              onChange={(typed) => change({ percent: { ...percent, [split]: Number(typed) } })}
            />
          ))}
        </div>
      )}
      <label className={shared["check"]}>
        <input type="checkbox" checked={together} onChange={(event) => change({ together: event.target.checked })} />{" "}
        Keep look-alikes in one split, so that val is not half known from train
      </label>
    </div>
  );
}
