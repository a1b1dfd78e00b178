/** What the chosen steps make of an image of the project, before anything is generated. */
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import type { ImageQuery } from "../projects/api";
import { getImages, imageUrl } from "../projects/api";
import { Button, Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import type { VersionSettings } from "./api";
import { previewUrl } from "./api";
import styles from "./Versions.module.css";
import shared from "../ui/shared.module.css";

const SHOWN = 12;
const ALL: ImageQuery = { query: "", split: "", class_name: "", batch: "", is_labelled: "" };

interface Props {
  workspace: string;
  project: string;
  settings: VersionSettings;
}

export function Preview({ workspace, project, settings }: Props) {
  const [draw, setDraw] = useState(0);
  const [image, setImage] = useState<string | null>(null);
  const [isChoosing, setIsChoosing] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const url = useDeferredValue(previewUrl(workspace, project, settings, draw, image));
  return (
    <Card label="Preview">
      <figure className={styles["preview"]}>
        <img
          src={url}
          alt="An image of this project as the chosen steps make it, with its boxes"
          onLoad={() => setProblem(null)}
          onError={() =>
            setProblem("There is no preview of these settings: a value is out of its range, or nothing is labelled.")
          }
        />
        <figcaption>
          {problem ?? "As the chosen steps make it."}
          <span className={shared["buttons"]}>
            <Button tone="quiet" onClick={() => setDraw(draw + 1)}>
              {image ? "Another variation" : "Another one"}
            </Button>
            <Button tone="quiet" onClick={() => setIsChoosing(!isChoosing)}>
              {isChoosing ? "Close" : "Choose an image"}
            </Button>
            {image && (
              <Button tone="quiet" onClick={() => setImage(null)}>
                Any image
              </Button>
            )}
          </span>
        </figcaption>
      </figure>
      {isChoosing && <Choice workspace={workspace} project={project} chosen={image} onChoose={setImage} />}
    </Card>
  );
}

interface ChoiceProps {
  workspace: string;
  project: string;
  chosen: string | null;
  onChoose: (id: string) => void;
}

function Choice({ workspace, project, chosen, onChoose }: ChoiceProps) {
  const [query, setQuery] = useState("");
  const words = useDeferredValue(query);
  const images = useQuery({
    queryKey: ["preview-images", workspace, project, words],
    queryFn: () => getImages(workspace, project, { ...ALL, query: words }, null),
    placeholderData: (before) => before,
  });
  return (
    <div className={styles["choice"]}>
      <input
        className={shared["input"]}
        value={query}
        aria-label="Search for an image"
        placeholder="A file name, tag:night, class:car"
        onChange={(event) => setQuery(event.target.value)}
      />
      {images.error && <Notice tone="bad" title={images.error.message} />}
      {images.data?.images.length === 0 && <p className={shared["hint"]}>No image fits.</p>}
      <ul>
        {images.data?.images.slice(0, SHOWN).map((image) => (
          <li key={image.id}>
            <button
              type="button"
              aria-pressed={image.id === chosen}
              title={image.name}
              onClick={() => onChoose(image.id)}
            >
              <img src={imageUrl(workspace, project, image.id, "thumbnail")} alt={image.name} loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
