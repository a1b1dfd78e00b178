/** One image to be labelled: the stage, the class, the list of boxes, and keys for all of it. */
import { useMutation } from "@tanstack/react-query";
import { useReducer, useRef, useState } from "react";
import type { ProjectImage } from "../projects/api";
import { imageUrl } from "../projects/api";
import { Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import styles from "./Annotate.module.css";
import type { ImageLabels, Neighbours } from "./api";
import { getImage, getLabels } from "./api";
import { BoxList } from "./BoxList";
import { ClassHint } from "./ClassHint";
import { ClassPanel } from "./ClassPanel";
import type { Tool } from "./dragging";
import type { Edit } from "./editing";
import { begin, edit } from "./editing";
import { moveBox } from "./geometry";
import { KeyHelp } from "./KeyHelp";
import type { KeyAction, KeyMeaning } from "./keys";
import { Stage } from "./Stage";
import { SaveNote, SaveWord, Toolbar } from "./Toolbar";
import { UnsavedNote } from "./Unsaved";
import { useKeys } from "./useKeys";
import { usePlacement } from "./usePlacement";
import { useSaving } from "./useSaving";

const ZOOM_STEP = 1.4;

interface Props {
  workspace: string;
  project: string;
  image: ProjectImage;
  known: ImageLabels;
  /** Those around it as far as they are known, and how to know them. */
  neighbours: Neighbours | undefined;
  findNeighbours: () => Promise<Neighbours>;
  /** Of the project, and those that were named since. */
  names: string[];
  className: string | null;
  colour: (name: string) => string;
  /** A class was named: for the box that is drawn next, or for another one alone. */
  onClass: (name: string, isForNext: boolean) => void;
  onStep: (id: string) => void;
  onReload: () => void;
  onLeft: () => void;
}

export function Editor(props: Props) {
  const { workspace, project, image, known, neighbours, names, className, colour, onClass } = props;
  const saved = { boxes: known.boxes, isEmpty: known.is_labelled && known.boxes.length === 0 };
  const [editing, onEdit] = useReducer(edit, saved, begin);
  const [tool, setTool] = useState<Tool>("draw");
  const [isHeld, setHeld] = useState(false);
  const [isNameless, setNameless] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const placing = usePlacement(image.image_wh);
  const place = { workspace, project, image };
  const { saver, state } = useSaving({ ...place, revision: known.revision }, editing, props.onLeft);
  const paste = useMutation({
    mutationFn: async () => {
      const { before: id } = await props.findNeighbours();
      if (id === null) return null;
      const [from, labels] = await Promise.all([getImage(workspace, project, id), getLabels(workspace, project, id)]);
      const boxes = labels.boxes.filter((one) => !one.is_draft);
      onEdit({ kind: "paste", boxes, from: from.image_wh, to: image.image_wh });
      return boxes.length;
    },
  });
  const { selected } = editing;
  const { boxes } = editing.labels;
  const chosen = selected === null ? undefined : boxes[selected];
  const chooseClass = (name: string): void => {
    setNameless(false);
    onClass(name, selected === null || editing.isFresh);
    if (selected !== null) onEdit({ kind: "rename", index: selected, className: name });
  };
  const step = async (to: "before" | "after"): Promise<void> => {
    const { [to]: id } = await props.findNeighbours();
    if (id !== null && (await saver.flush())) props.onStep(id);
  };
  const takeTheirs = (): void => {
    saver.drop();
    props.onReload();
  };
  const remove = (): void => {
    if (selected !== null) onEdit({ kind: "remove", index: selected });
  };
  const acts: Record<KeyAction, () => void> = {
    before: () => void step("before"),
    after: () => void step("after"),
    remove,
    undo: () => onEdit({ kind: "undo" }),
    redo: () => onEdit({ kind: "redo" }),
    paste: () => !paste.isPending && paste.mutate(),
    accept: () => selected !== null && onEdit({ kind: "accept", index: selected }),
    acceptAll: () => onEdit({ kind: "accept", index: null }),
    leave: () => onEdit({ kind: "select", index: null }),
    nextBox: () =>
      boxes.length > 0 && onEdit({ kind: "select", index: selected === null ? 0 : (selected + 1) % boxes.length }),
    in: () => placing.zoom(ZOOM_STEP),
    out: () => placing.zoom(1 / ZOOM_STEP),
    fit: placing.showAll,
    pan: () => undefined,
  };
  const onKey = (meaning: KeyMeaning): void => {
    if (meaning.kind === "act") return acts[meaning.action]();
    if (meaning.kind === "class") {
      const name = names[meaning.index];
      return name === undefined ? undefined : chooseClass(name);
    }
    if (selected !== null && chosen) {
      onEdit({ kind: "nudge", index: selected, box: moveBox(chosen.box_xyxy, meaning.by, image.image_wh) });
    } else if (meaning.by[0] !== 0) {
      void step(meaning.by[0] < 0 ? "before" : "after");
    }
  };
  useKeys(onKey, setHeld);
  const change = (what: Edit): void => {
    setNameless(false);
    onEdit(what);
  };
  return (
    <Card label={image.name}>
      <div className={styles["head"]}>
        <h1>{image.name}</h1>
        <SaveWord state={state} />
      </div>
      <Toolbar
        editing={editing}
        neighbours={neighbours}
        tool={tool}
        onTool={setTool}
        onStep={(to) => void step(to)}
        onAct={(what) => acts[what]()}
        isPasting={paste.isPending}
      />
      <SaveNote state={state} onAgain={(overwrites) => void saver.again(overwrites)} onTakeTheirs={takeTheirs} />
      <UnsavedNote place={place} saved={saved} onShow={(labels) => onEdit({ kind: "restore", labels })} />
      {paste.error && <Notice tone="bad" title={paste.error.message} />}
      {paste.data === 0 && <p role="status">The image before has no boxes that could be copied.</p>}
      {isNameless && <Notice tone="warn" title="Name a class first; then draw again" />}
      <ClassHint editing={editing} names={names} className={className} />
      <div className={styles["work"]}>
        <Stage
          name={image.name}
          url={imageUrl(workspace, project, image.id, "drawable")}
          image={image.image_wh}
          boxes={boxes}
          selected={selected}
          tool={isHeld ? "pan" : tool}
          className={className}
          colour={colour}
          placing={placing}
          onEdit={change}
          onNameless={() => {
            setNameless(true);
            field.current?.focus();
          }}
        />
        <div className={styles["side"]}>
          <ClassPanel
            names={names}
            current={chosen?.class_name ?? className}
            number={chosen && selected}
            colour={colour}
            onChoose={chooseClass}
            field={field}
          />
          <BoxList
            editing={editing}
            image={image.image_wh}
            names={names}
            className={className}
            colour={colour}
            onEdit={change}
          />
          <KeyHelp />
        </div>
      </div>
    </Card>
  );
}
