/** Above the picture: other images, tools, undo, zoom, and whether all is saved. */
import { Button, Choice } from "../ui/controls";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import styles from "./Annotate.module.css";
import type { Neighbours } from "./api";
import type { Tool } from "./dragging";
import type { Editing } from "./editing";
import type { SaveState } from "./Saver";

interface Props {
  editing: Editing;
  neighbours: Neighbours | undefined;
  tool: Tool;
  onTool: (tool: Tool) => void;
  onStep: (to: "before" | "after") => void;
  onAct: (what: "undo" | "redo" | "paste" | "in" | "out" | "fit") => void;
  isPasting: boolean;
}

export function Toolbar({ editing, neighbours, tool, onTool, onStep, onAct, isPasting }: Props) {
  return (
    <div className={styles["toolbar"]} role="toolbar" aria-label="Drawing">
      <span className={styles["group"]}>
        <Button aria-label="Image before" title="a" disabled={!neighbours?.before} onClick={() => onStep("before")}>
          ←
        </Button>
        <Button aria-label="Next image" title="d" disabled={!neighbours?.after} onClick={() => onStep("after")}>
          →
        </Button>
      </span>
      <Choice
        label="Tool"
        value={tool}
        options={[
          { value: "draw", label: "Draw", hint: "Drag draws a box; a click chooses one." },
          { value: "pan", label: "Move picture", hint: "Also: the space bar held down, or two fingers." },
        ]}
        onChange={onTool}
      />
      <span className={styles["group"]}>
        <Button title="Ctrl+Z" disabled={editing.past.length === 0} onClick={() => onAct("undo")}>
          Undo
        </Button>
        <Button title="Ctrl+Y" disabled={editing.future.length === 0} onClick={() => onAct("redo")}>
          Redo
        </Button>
      </span>
      <span className={styles["group"]}>
        <Button aria-label="Zoom out" title="-" onClick={() => onAct("out")}>
          −
        </Button>
        <Button aria-label="Zoom in" title="+" onClick={() => onAct("in")}>
          +
        </Button>
        <Button title="0" onClick={() => onAct("fit")}>
          Fit
        </Button>
      </span>
      <Button title="c" disabled={!neighbours?.before || isPasting} onClick={() => onAct("paste")}>
        Copy boxes of the image before
      </Button>
    </div>
  );
}

const WORDS: Record<SaveState["kind"], string> = {
  saved: "All changes are saved",
  waiting: "Not saved yet…",
  saving: "Saving…",
  conflict: "Not saved",
  failed: "Not saved",
};

export function SaveWord({ state }: { state: SaveState }) {
  return (
    <span role="status" className={styles["saved"]} data-state={state.kind} data-testid="saved">
      {WORDS[state.kind]}
    </span>
  );
}

interface NoteProps {
  state: SaveState;
  onAgain: (overwrites: boolean) => void;
  onTakeTheirs: () => void;
}

/** What to do when something could not be saved. */
export function SaveNote({ state, onAgain, onTakeTheirs }: NoteProps) {
  if (state.kind === "failed") {
    return (
      <Notice
        tone="bad"
        title="Your changes are not saved"
        actions={<Button onClick={() => onAgain(false)}>Try again</Button>}
      >
        {state.message} They are kept in this browser and offered again when you come back to this image.
      </Notice>
    );
  }
  if (state.kind !== "conflict") return null;
  return (
    <Notice
      tone="warn"
      title="Somebody else has changed the labels of this image meanwhile"
      actions={
        <span className={shared["buttons"]}>
          <Button onClick={onTakeTheirs}>Show theirs, drop mine</Button>
          <Button tone="danger" onClick={() => onAgain(true)}>
            Put mine in their place
          </Button>
        </span>
      }
    >
      Nothing of theirs was overwritten, and yours are kept in this browser until you say which labels count, also when
      you leave this page.
    </Notice>
  );
}
