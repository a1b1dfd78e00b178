import { useEffect, useLayoutEffect, useState } from "react";
import type { ProjectImage } from "../projects/api";
import { saveLabels } from "./api";
import { keepDraft, newDraftId } from "./drafts";
import type { Editing } from "./editing";
import type { SaveState } from "./Saver";
import { Saver } from "./Saver";

interface Place {
  workspace: string;
  project: string;
  image: ProjectImage;
  revision: string;
}

/** Saves what is edited, by itself; `onLeft` is told when the image is left and its last change is saved. */
export function useSaving({ workspace, project, image, revision }: Place, editing: Editing, onLeft: () => void) {
  const [state, setState] = useState<SaveState>({ kind: "saved" });
  const [saver] = useState(() => {
    const id = newDraftId();
    return new Saver(
      (labels, expects) => saveLabels(workspace, project, image, labels, expects),
      revision,
      setState,
      (labels) => keepDraft({ workspace, project, image }, id, labels),
    );
  });
  const { version, labels } = editing;
  // Before anything is painted: the page must not say of a new box that all is saved.
  useLayoutEffect(() => {
    if (version > 0) saver.change(labels);
    // The labels change with the version, and only with it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [saver, version]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (!saver.unsaved) return;
      saver.keepUnsaved();
      void saver.again();
      event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [saver]);
  // Also what failed before: the server may answer again by now.
  useEffect(() => () => void saver.again().then(onLeft), [saver, onLeft]);
  return { saver, state };
}
