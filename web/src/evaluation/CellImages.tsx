/** The images behind one cell of the confusion matrix: all of them in the app, in a report those that it holds. */
import { useState } from "react";
import { Button } from "../ui/controls";
import { formatCount } from "../ui/format";
import type { Cell, ImagesPage } from "./access";
import { useAsked, useEvaluatedRun } from "./access";
import styles from "./ConfusionMatrix.module.css";
import { boxText, byImage, cellBoxes, cellTitle } from "./diagnostics";
import type { GridImage } from "./ImageGrid";
import { ImageGrid } from "./ImageGrid";
import type { CellBox, Confusion, EvaluatedImage, Example } from "./numbers";

interface CellImagesProps {
  split: string;
  confusion: Confusion;
  cell: Cell;
  examples: Example[];
}

const PAGE = 12;
const LEGEND = "Solid is the annotation, dashed what the model says";

export function CellImages(props: CellImagesProps) {
  const access = useEvaluatedRun();
  const { confusion, cell } = props;
  const title = cellTitle(confusion.classes, cell);
  return (
    <section aria-label="Images of the cell" className={styles["images"]}>
      <h3 className={styles["sub"]}>{title}</h3>
      {access ? <AllImages {...props} /> : <SavedBoxes {...props} />}
    </section>
  );
}

function AllImages({ split, confusion, cell, examples }: CellImagesProps) {
  const access = useEvaluatedRun();
  const [limit, setLimit] = useState(PAGE);
  const confidence = confusion.confidence ?? 1;
  const { value, error } = useAsked(access && `${split} ${confidence} ${cell.join(" ")} ${limit}`, async () =>
    getPages(limit, (offset) => access?.getImages(split, { confidence, cell, offset, limit: PAGE })),
  );
  if (error) return <p className={styles["muted"]}>{error}</p>;
  if (!value) return <p className={styles["muted"]}>Looking them up…</p>;
  return (
    <>
      <p className={styles["muted"]}>
        {formatCount(value.pairs)} in {formatCount(value.count)} {value.count === 1 ? "image" : "images"},{" "}
        {cell[1] === confusion.classes.length - 1 ? "those with most first" : "the surest first"}. {LEGEND}; fine lines
        are the other boxes of the image.
      </p>
      <ImageGrid split={split} examples={examples} images={value.images.map((one) => gridImage(one))} />
      {value.images.length < value.count && (
        <p className={styles["more"]}>
          <Button onClick={() => setLimit(limit + PAGE)}>
            Show {Math.min(PAGE, value.count - value.images.length)} more of {formatCount(value.count)}
          </Button>
        </p>
      )}
    </>
  );
}

/** The first `limit` images, page by page. */
async function getPages(limit: number, get: (offset: number) => Promise<ImagesPage> | undefined): Promise<ImagesPage> {
  let all: ImagesPage = { count: limit, offset: 0, images: [] };
  for (let offset = 0; offset < Math.min(limit, all.count); offset += PAGE) {
    const page = await get(offset);
    if (!page) break;
    all = { ...page, offset: 0, images: [...all.images, ...page.images] };
  }
  return all;
}

function gridImage(one: EvaluatedImage): GridImage {
  const [annotated, detected] = [one.ground_truth, one.predictions].map((boxes) => boxes.filter((box) => box.in_cell));
  const inCell = Math.max(annotated?.length ?? 0, detected?.length ?? 0);
  const sureness = one.predictions.filter((box) => box.in_cell).map((box) => box.confidence ?? 0);
  const at = sureness.length > 0 ? `, at ${Math.max(...sureness).toFixed(2)}` : "";
  const caption = `${inCell} ${inCell === 1 ? "box" : "boxes"}${at}`;
  return {
    image: one.image,
    file_name: one.file_name,
    imageWh: one.image_wh,
    boxes: cellBoxes(one),
    caption: <strong>{caption}</strong>,
    label: `${caption} in ${one.file_name}`,
  };
}

/** A report holds at most 20 boxes of a cell, and pictures of the examples. */
function SavedBoxes({ split, confusion, cell, examples }: CellImagesProps) {
  const saved = confusion.cells?.find((one) => one.truth === cell[0] && one.prediction === cell[1]);
  if (!saved) return null;
  return (
    <>
      <p className={styles["muted"]}>
        {saved.boxes.length} of {saved.count}. {LEGEND}. This file has pictures of some images; the app shows all of
        them.
      </p>
      <ImageGrid
        split={split}
        examples={examples}
        images={[...byImage(saved.boxes)].map(([name, boxes]) =>
          savedImage(boxes, examples.find((one) => one.file_name === name) ?? null),
        )}
      />
    </>
  );
}

function savedImage(boxes: CellBox[], example: Example | null): GridImage {
  const caption = `${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}`;
  const name = boxes[0]?.file_name ?? "";
  return {
    file_name: name,
    imageWh: example?.image_wh ?? null,
    boxes: boxes.flatMap((box) => [
      ...(box.truth_xyxy ? [{ box: box.truth_xyxy, hue: 1, isDashed: false }] : []),
      ...(box.prediction_xyxy ? [{ box: box.prediction_xyxy, hue: 2, isDashed: true }] : []),
    ]),
    label: `${caption} in ${name}`,
    caption: (
      <>
        <strong>{caption}</strong>
        {boxes.map((box, i) => (
          <span key={i}>
            annotation {boxText(box.truth_xyxy)} · model {boxText(box.prediction_xyxy)}
            {box.confidence === null ? "" : ` at ${box.confidence.toFixed(2)}`}
          </span>
        ))}
      </>
    ),
  };
}
