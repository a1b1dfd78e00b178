/** What was never saved and is kept in the browser: offered on its image, and told of in the list of images. */
import { useState, useSyncExternalStore } from "react";
import { Button } from "../ui/controls";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import type { Draft, Place } from "./drafts";
import { draftsOf, keepDraft, keptImages, onDraftsChange } from "./drafts";
import type { Labels } from "./editing";

interface Props {
  place: Place;
  /** What the server has. */
  saved: Labels;
  onShow: (labels: Labels) => void;
}

/** Those of other visits, one after the other. */
export function UnsavedNote({ place, saved, onShow }: Props) {
  const [offers, setOffers] = useState<readonly Draft[]>(() => draftsOf(place, saved));
  const offer = offers.at(-1);
  if (!offer) return null;
  const decide = (isWanted: boolean): void => {
    if (isWanted) onShow(offer.labels);
    keepDraft(place, offer.id, null);
    setOffers(offers.slice(0, -1));
  };
  const { length } = offer.labels.boxes;
  return (
    <Notice
      tone="warn"
      title="Changes to this image were not saved"
      actions={
        <span className={shared["buttons"]}>
          <Button onClick={() => decide(true)}>Use them</Button>
          <Button tone="danger" onClick={() => decide(false)}>
            Drop them
          </Button>
        </span>
      }
    >
      Left in this browser on {new Date(offer.kept_at).toLocaleString()}, with {length} {length === 1 ? "box" : "boxes"}
      . Below is what is saved; after using yours, Undo brings it back.
    </Notice>
  );
}

interface ImagesProps {
  workspace: string;
  project: string;
  hrefOf: (image: string) => string;
}

/** Leads back to the images of a project that were left like that. */
export function UnsavedImages({ workspace, project, hrefOf }: ImagesProps) {
  const text = useSyncExternalStore(onDraftsChange, () => JSON.stringify(keptImages(workspace, project)));
  const images = JSON.parse(text) as ReturnType<typeof keptImages>;
  if (images.length === 0) return null;
  return (
    <Notice tone="warn" title="Boxes that you drew here were not saved">
      Open the image to use or drop them:{" "}
      {images.map(({ id, name }, i) => (
        <span key={id}>
          {i > 0 && ", "}
          <a href={hrefOf(id)}>{name}</a>
        </span>
      ))}
    </Notice>
  );
}
