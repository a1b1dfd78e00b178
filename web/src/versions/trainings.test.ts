import { expect, test } from "vitest";
import type { Training, TrainingState } from "./trainings";
import { answeringText, placeInQueue } from "./trainings";

const training = (id: string, state: TrainingState, queued_at: number): Training =>
  ({ id, state, queued_at }) as Training;

test("the place in the queue counts those that were queued before and still wait", () => {
  const all = [training("c", "queued", 3), training("a", "running", 1), training("b", "queued", 2)];
  expect(placeInQueue(all, "b")).toBe(0);
  expect(placeInQueue(all, "c")).toBe(1);
  expect(placeInQueue(all, "a")).toBeNull();
  expect(placeInQueue(all, "gone")).toBeNull();
});

test("of several models of a version it is said which one answers, and why", () => {
  const of = { project: "cells", version: 3 };
  const model = { id: "m", slug: "cells-v3-1", can_run: true, answers: true, is_chosen: false };
  expect(answeringText(of, model)).toBe("Answers for cells/3 (the newest), and as cells-v3-1.");
  expect(answeringText(of, { ...model, is_chosen: true })).toContain("chosen, whatever is trained later");
  expect(answeringText(of, { ...model, answers: false })).toBe(
    "Answers as cells-v3-1; another model answers for cells/3.",
  );
  expect(answeringText(of, { ...model, can_run: false, answers: false })).toContain("cannot run here");
});
