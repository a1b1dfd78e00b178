import { expect, it } from "vitest";
import { buildCsv } from "./csv";
import { readDocument } from "./document";

it("writes one row per epoch, with NaN by its word and quotes where they are needed", () => {
  const doc = readDocument({
    epochs: [0, 1],
    first_epoch: 0,
    series: { "train/box_loss": [1.5, null], 'class/a,"b"/AP_0.5': [null, 0.25] },
    marks: [{ series: "train/box_loss", epoch: 1, value: "NaN" }],
  });
  expect(buildCsv(doc)).toBe('epoch,train/box_loss,"class/a,""b""/AP_0.5"\r\n1,1.5,\r\n2,NaN,0.25\r\n');
});
