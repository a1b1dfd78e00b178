import { expect, it } from "vitest";
import { readDocument } from "./document";
import { buildFrame } from "./frame";
import { drawRunPanel } from "./panelDrawing";
import type { Panel } from "./panels";
import { buildPanels, MAP50_95 } from "./panels";
import { DEFAULT_VIEW } from "./view";

const epochs = Array.from({ length: 9000 }, (_, i) => i + 1);
const doc = readDocument({
  epochs,
  series: {
    "val/box_loss": epochs.map((epoch) => (epoch === 4500 ? 90 : 1)),
    [MAP50_95]: [0.1, null, 0.3],
    [`${MAP50_95}/low`]: [0.05, null, 0.2],
    [`${MAP50_95}/high`]: [0.2, null, 0.4],
  },
  marks: [{ series: "val/box_loss", epoch: 7, value: "NaN" }],
});
const [losses, metrics] = buildPanels(doc, [], "0.5") as [Panel, Panel];
const frame = buildFrame(doc, "epoch", false);

it("draws band, raw and smoothed line of a metric", () => {
  const { columns, data } = drawRunPanel(doc, frame, metrics, { ...DEFAULT_VIEW, smooth: 0.5, zoom: [1, 3] });
  expect(columns.map(({ kind }) => kind)).toEqual(["high", "low", "raw", "line"]);
  const [x, high, , raw, line] = data.map((column) => column.slice(0, 3));
  expect([x, high, raw]).toEqual([[1, 2, 3], [0.2, null, 0.4], [0.1, null, 0.3]]); // prettier-ignore
  expect(line?.[2]).toBeCloseTo(0.7 / 3, 12); // (0.25 * 0.1 + 0.5 * 0.3) / 0.75
});

it("smooths before it thins: a spike of one epoch among thousands is seen smoothed", () => {
  const { data, gaps } = drawRunPanel(doc, frame, losses, { ...DEFAULT_VIEW, smooth: 0.5 });
  const most = (column: number): number => Math.max(...(data[column]?.map((value) => value ?? 0) ?? []));
  expect([most(1), most(2)]).toEqual([90, 45.5]);
  expect(data[0].length).toBeLessThan(4100);
  expect(gaps).toEqual(["val/box_loss"]);
});
