/** One panel of the training graph of a run. */
import { memo, useMemo } from "react";
import { ChartPanel } from "./ChartPanel";
import type { ChartPanelProps } from "./ChartPanel";
import type { GraphDocument } from "./document";
import type { Frame } from "./frame";
import { drawRunPanel } from "./panelDrawing";
import type { Panel } from "./panels";
import type { View } from "./view";

interface RunPanelProps extends Omit<ChartPanelProps, "drawing"> {
  doc: GraphDocument;
  panel: Panel;
  frame: Frame;
  view: View;
}

export const RunPanel = memo(function RunPanel({ doc, panel, frame, view, ...rest }: RunPanelProps) {
  const drawing = useMemo(() => drawRunPanel(doc, frame, panel, view), [doc, frame, panel, view]);
  return <ChartPanel drawing={drawing} {...rest} />;
});
