import type uPlot from "uplot";

/** The charts of one page that share a cursor. */
export class ChartGroup {
  private readonly charts = new Set<uPlot>();

  constructor(readonly syncKey: string) {}

  add(chart: uPlot): void {
    this.charts.add(chart);
  }

  remove(chart: uPlot): void {
    this.charts.delete(chart);
  }

  /** From top to bottom of the page. */
  all(): uPlot[] {
    return [...this.charts].sort((a, b) => a.root.getBoundingClientRect().top - b.root.getBoundingClientRect().top);
  }

  /** Puts the cursor of every chart at x; null takes it away. */
  moveTo(x: number | null): void {
    for (const chart of this.charts) {
      const left = x === null ? -10 : chart.valToPos(x, "x");
      chart.setCursor({ left, top: x === null ? -10 : chart.over.clientHeight / 2 }, true);
    }
  }
}
