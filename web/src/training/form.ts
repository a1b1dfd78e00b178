import type { TrainingForm } from "../server/api";

/** Limits of the server, said before it has to. */
const LIMITS = { epochs: [1, 10_000], image_size: [32, 4096], seed: [0, 2 ** 32 - 1] } as const;
const NAMES = { epochs: "Epochs", image_size: "Image size", seed: "Seed" } as const;

/** @returns the form, or a sentence that says what is wrong with it. */
export function readForm(data: Pick<FormData, "get">): TrainingForm | string {
  const text = (name: string): string => String(data.get(name) ?? "").trim();
  const numbers = { epochs: text("epochs"), image_size: text("image_size"), seed: text("seed") };
  for (const name of ["epochs", "image_size", "seed"] as const) {
    const [low, high] = LIMITS[name];
    const value = Number(numbers[name]);
    if (numbers[name] !== "" && !(Number.isInteger(value) && value >= low && value <= high)) {
      return `${NAMES[name]}: expected a whole number from ${low} to ${high}, found “${numbers[name]}”.`;
    }
  }
  const number = (value: string): number | null => (value === "" ? null : Number(value));
  return {
    dataset: text("dataset"),
    model: text("model"),
    epochs: number(numbers.epochs),
    image_size: number(numbers.image_size),
    seed: number(numbers.seed) ?? 0,
  };
}
