import { expect, it } from "vitest";
import { thresholdSentences } from "./thresholds";

const best = { confidence: 0.4, f: 0.8, precision: 0.7, recall: 0.9, low: 0.3, high: 0.5, annotations: 60 };
const chosen = { ...best, well_founded: true };

it("says what val's threshold is worth on test, and that test's own is not to be quoted", () => {
  const checked = { f: 0.75, precision: 0.65, recall: 0.85 };
  const terms = { beta: "1", split: "test", isOneClass: false };
  const said = thresholdSentences({ best: chosen, checked, own: { ...chosen, confidence: 0.45, f: 0.77 } }, terms);
  expect(said[0]).toBe("Chosen on val (F1 0.800 there), checked on test: F1 0.750, precision 0.650, recall 0.850.");
  expect(said[1]).toMatch(/^Test itself would choose 0.450 \(F1 0.770\); that is not to be quoted/);
  expect(said[2]).toBe("Anywhere from 0.30 to 0.50 is as good, within 1 %.");
});

it("says that images which choose and judge are too kind", () => {
  const terms = { beta: "2", split: "val", isOneClass: true };
  const said = thresholdSentences(
    { best: { ...best, high: 0.31, annotations: 12, well_founded: false }, checked: null, own: null },
    terms,
  );
  expect(said[0]).toMatch(/test says what the threshold is worth.$/);
  expect(said[1]).toMatch(/^The best is narrow/);
  expect(said[2]).toMatch(/rests on 12 annotations, under 50/);
});
