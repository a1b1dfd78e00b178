import { expect, test } from "vitest";
import type { Training, TrainingState } from "./trainings";
import { placeInQueue } from "./trainings";

const training = (id: string, state: TrainingState, queued_at: number): Training =>
  ({ id, state, queued_at }) as Training;

test("the place in the queue counts those that were queued before and still wait", () => {
  const all = [training("c", "queued", 3), training("a", "running", 1), training("b", "queued", 2)];
  expect(placeInQueue(all, "b")).toBe(0);
  expect(placeInQueue(all, "c")).toBe(1);
  expect(placeInQueue(all, "a")).toBeNull();
  expect(placeInQueue(all, "gone")).toBeNull();
});
