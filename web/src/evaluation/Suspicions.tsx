/** Labels that the model contradicts, the most suspicious first, with the place in the image beside them. */
import { useState } from "react";
import { Button, Card, Choice } from "../ui/controls";
import { formatCount } from "../ui/format";
import { useEvaluatedRun } from "./access";
import styles from "./Diagnostics.module.css";
import { KIND_WORDS, partAround, suspicionText } from "./diagnostics";
import type { GridImage } from "./ImageGrid";
import { ImageGrid } from "./ImageGrid";
import type { EvaluationNumbers, Suspicion } from "./numbers";

const PAGE = 12;

export function Suspicions({ numbers }: { numbers: EvaluationNumbers }) {
  const { suspicions, examples = [], split } = numbers;
  const [kind, setKind] = useState<Suspicion["kind"] | "all">("all");
  const [limit, setLimit] = useState(PAGE);
  const access = useEvaluatedRun();
  if (!suspicions) {
    return split === "train" ? (
      <Card label="Suspect labels">
        <h2>Annotations to look at</h2>
        <p className={styles["muted"]}>
          Not looked for: the model was trained on these images and would repeat the mistakes in their annotations. Add
          a val or test split.
        </p>
      </Card>
    ) : null;
  }
  const { boxes } = suspicions;
  const shown = boxes.filter((one) => kind === "all" || one.kind === kind);
  return (
    <Card label="Suspect labels">
      <h2>Annotations to look at, on {split}</h2>
      <p className={styles["muted"]}>
        Here the model is sure and the annotation says something else, as when a person slipped (ObjectLab, 2023). The
        model did not learn from these images, so it does not repeat their mistakes; it makes its own: this is a list to
        go through, not a list of errors.
        {boxes.length > 0 && " Solid is the annotation, dashed what the model says."}
        {!access && examples.length === 0 && ` The app shows pictures of ${split}; this file has none.`}
      </p>
      {boxes.length === 0 ? (
        <p>No annotation on {split} is suspicious.</p>
      ) : (
        <>
          <Choice
            label="Kind of suspicion"
            value={kind}
            options={(["all", "overlooked", "swapped", "badly_placed"] as const).map((value) => {
              const count = value === "all" ? boxes.length : boxes.filter((one) => one.kind === value).length;
              return { value, label: `${KIND_WORDS[value]} ${count}`, isDisabled: count === 0 };
            })}
            onChange={(value) => {
              setKind(value);
              setLimit(PAGE);
            }}
          />
          <div className={styles["images"]}>
            <ImageGrid
              split={split}
              examples={examples}
              images={shown.slice(0, limit).map((one) => gridImage(one, boxes.indexOf(one)))}
            />
          </div>
          <p className={styles["muted"]}>
            {limit < shown.length && (
              <Button onClick={() => setLimit(limit + PAGE)}>
                Show {Math.min(PAGE, shown.length - limit)} more of {shown.length}
              </Button>
            )}{" "}
            {suspicions.count > boxes.length &&
              `${formatCount(suspicions.count)} were found; the ${boxes.length} most suspicious are kept.`}
          </p>
        </>
      )}
    </Card>
  );
}

function gridImage(one: Suspicion, at: number): GridImage {
  const caption = suspicionText(one);
  const imageWh = one.image_wh ?? null;
  return {
    image: one.image,
    file_name: one.file_name,
    imageWh,
    boxes: [
      ...(one.box_xyxy
        ? [{ box: one.box_xyxy, hue: 1, isDashed: false, ...(one.class_name ? { text: one.class_name } : {}) }]
        : []),
      ...(one.suggested_xyxy
        ? [
            {
              box: one.suggested_xyxy,
              hue: 2,
              isDashed: true,
              isTextBelow: one.box_xyxy !== null,
              text: `${one.suggested_class_name ?? ""} ${one.confidence?.toFixed(2) ?? ""}`,
            },
          ]
        : []),
    ],
    part: imageWh ? partAround([one.box_xyxy, one.suggested_xyxy], imageWh) : undefined,
    label: `${caption} in ${one.file_name}`,
    caption: (
      <>
        <strong>
          {at + 1}. {caption}
        </strong>
        <span>
          suspicion {(1 - one.score).toFixed(3)}
          {one.confidence == null ? "" : `, model at ${one.confidence.toFixed(2)}`}
        </span>
      </>
    ),
  };
}
