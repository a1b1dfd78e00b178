/** Pictures side by side, each with its boxes and what is to be said about it; a click shows one in full. */
import type { ReactNode } from "react";
import { useRef, useState } from "react";
import { Button } from "../ui/controls";
import { BoxedImage } from "./BoxedImage";
import type { DrawnBox } from "./BoxedImage";
import { useEvaluatedRun } from "./access";
import styles from "./ImageGrid.module.css";
import type { ExampleBox, Example } from "./numbers";

export interface GridImage {
  /** Its number in the evaluation, for the app. */
  image?: number | undefined;
  file_name: string;
  imageWh: [number, number] | null;
  boxes: DrawnBox[];
  caption: ReactNode;
  /** The caption as words. */
  label: string;
  part?: ExampleBox["box_xyxy"] | undefined;
}

interface ImageGridProps {
  split: string;
  images: GridImage[];
  /** What a report has pictures of. */
  examples: Example[];
}

const [SMALL_PX, FULL_PX] = [640, 1280];

export function ImageGrid({ split, images, examples }: ImageGridProps) {
  const access = useEvaluatedRun();
  const dialog = useRef<HTMLDialogElement>(null);
  const [shown, setShown] = useState<GridImage | null>(null);
  const urlOf = ({ image, file_name }: GridImage, sidePx: number): string | undefined => {
    if (access && image !== undefined) return access.pictureUrl(split, image, sidePx);
    return pictureOf(examples.find((one) => one.file_name === file_name));
  };
  const open = (one: GridImage): void => {
    setShown(one);
    dialog.current?.showModal();
  };
  return (
    <>
      <ul className={styles["grid"]}>
        {images.map((one, i) => {
          const url = urlOf(one, SMALL_PX);
          return (
            <li key={`${one.file_name} ${i}`}>
              {one.imageWh && url && (
                <button type="button" onClick={() => open(one)} aria-label={`Show ${one.label} large`}>
                  <BoxedImage
                    label={one.label}
                    imageWh={one.imageWh}
                    url={url}
                    boxes={one.boxes}
                    widthPx={280}
                    part={one.part}
                  />
                </button>
              )}
              <div className={styles["caption"]}>
                {one.caption}
                <span>{one.file_name}</span>
              </div>
            </li>
          );
        })}
      </ul>
      <dialog ref={dialog} className={styles["large"]} aria-label="Image" onClose={() => setShown(null)}>
        {shown?.imageWh && (
          <>
            <div className={styles["bar"]}>
              <strong>{shown.file_name}</strong>
              <Button onClick={() => dialog.current?.close()}>Close</Button>
            </div>
            <BoxedImage
              label={`${shown.label}, large`}
              imageWh={shown.imageWh}
              url={urlOf(shown, FULL_PX)}
              boxes={shown.boxes}
              widthPx={1000}
            />
            <div className={styles["caption"]}>{shown.caption}</div>
          </>
        )}
      </dialog>
    </>
  );
}

/** The picture of an example that is in the document itself. */
export function pictureOf(example: Example | undefined): string | undefined {
  return example?.url ?? (example?.path.startsWith("data:") ? example.path : undefined);
}
