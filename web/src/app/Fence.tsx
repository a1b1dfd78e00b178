import type { ReactNode } from "react";
import { Component } from "react";
import { Button } from "../ui/controls";
import { Notice } from "../ui/Notice";

/** A page that breaks says so; it does not leave an empty window. */
export class Fence extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <Notice
        tone="bad"
        title="This page broke while it was drawn"
        actions={<Button onClick={() => location.reload()}>Load it again</Button>}
      >
        {this.state.error.message}. The training itself is not touched by this.
      </Notice>
    );
  }
}
