import { describe, expect, it } from "vitest";
import { readDocument } from "./document";
import { buildFrame } from "./frame";
import { drawRunPanel } from "./panelDrawing";
import { buildPanels } from "./panels";
import { buildSvg } from "./svg";
import { DEFAULT_VIEW } from "./view";

const doc = readDocument({
  name: "<script>alert(1)</script>",
  epochs: [1, 2, 3],
  series: { "train/box_loss": [2, null, 1] },
  marks: [{ series: "train/box_loss", epoch: 2, value: "NaN" }],
  events: [{ epoch: 3, event: '<img onerror="x">', label: "" }],
});
const theme = {
  ink: "#111",
  muted: "#222",
  grid: "#333",
  line: "#444",
  surface: "#fff",
  bad: "#f00",
  past: "#888",
  accent: "#00f",
  series: ["#1", "#2", "#3", "#4", "#5", "#6", "#7", "#8"],
  font: "sans-serif",
};
const [losses] = buildPanels(doc, [], "0.5");
if (!losses) throw new Error("no losses");
const svg = buildSvg(doc.name, [drawRunPanel(doc, buildFrame(doc, "epoch", false), losses, DEFAULT_VIEW)], theme);

describe("buildSvg", () => {
  it("lifts the pen at a gap and marks the NaN", () => {
    const path = /<path d="([^"]*)"/.exec(svg)?.[1] ?? "";
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).not.toContain("L");
    expect(svg).toContain("✕ NaN");
  });
  it("holds no markup from names", () => {
    expect(svg).not.toContain("<script>");
    expect(svg).not.toContain("<img");
  });
  it("is well-formed where it was filled in", () => expect(svg).not.toMatch(/NaN(?!<)|undefined/));
  it("draws what a resume replaced, the best epoch, and names that stand clear of each other", () => {
    const resumed = readDocument({
      ...doc,
      events: [1, 1.01, 1.02].map((epoch) => ({ epoch, event: "resume", label: "" })),
      best: { epoch: 3, metric: "metrics/mAP_0.5", value: 1 },
      superseded: [{ attempt: 1, epochs: [2, 3], series: { "train/box_loss": [5, 4] } }],
    });
    const text = buildSvg(
      "x",
      [drawRunPanel(resumed, buildFrame(resumed, "epoch", false), losses, DEFAULT_VIEW)],
      theme,
    );
    expect(text).toContain(`stroke="${theme.past}"`);
    expect(text).toContain(">best</text>");
    expect(text).toContain(">epoch</text>");
    const heights = [...text.matchAll(/y="([^"]+)" font-size="11" fill="[^"]*">resumed/g)].map(([, y]) => y);
    expect(new Set(heights).size).toBe(3);
    const top = Number(/<path d="M[\d.]+ ([\d.]+)[^"]*" fill="none" stroke="#888"/.exec(text)?.[1]);
    expect(top).toBeGreaterThan(40); // inside the panel, whose axis makes room for it
  });
});
