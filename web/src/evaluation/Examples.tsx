/** Images of the evaluation: what is there, beside what the model saw. In the app all of them, in a report some. */
import { useState } from "react";
import { Button, Card } from "../ui/controls";
import { formatCount } from "../ui/format";
import shared from "../ui/shared.module.css";
import type { EvaluatedAccess } from "./access";
import { useAsked, useEvaluatedRun } from "./access";
import { BoxedImage } from "./BoxedImage";
import { classHues } from "./classHues";
import { ConfidenceSlider } from "./ConfidenceSlider";
import { matchExample } from "./curves";
import styles from "./Examples.module.css";
import { pictureOf } from "./ImageGrid";
import type { EvaluatedImage, EvaluationNumbers, Example, ExampleBox } from "./numbers";
import { withPictures } from "./pictures";

interface ExamplesProps {
  numbers: EvaluationNumbers;
  confidence: number;
  onConfidence: (confidence: number) => void;
}

const PAGE = 12;

export function Examples({ numbers, confidence, onConfidence }: ExamplesProps) {
  const hues = classHues(numbers);
  const { images, leftOut, from, count, error, setFrom } = useImages(numbers);
  if (images.length === 0) return null;
  const last = from + images.length;
  return (
    <Card label="Examples">
      <h2>Images of {numbers.split}</h2>
      <p className={shared["hint"]}>
        Left what is there, right what the model says. Dashed: missed on the left, a false alarm on the right.
      </p>
      {error && <p className={shared["hint"]}>These are the examples saved with the run. {error}</p>}
      <div className={styles["bar"]}>
        <ConfidenceSlider label="Boxes from confidence" value={confidence} onChange={onConfidence} />
        <ul className={styles["legend"]}>
          {[...hues].slice(0, 12).map(([name, hue]) => (
            <li key={name}>
              <span className={styles["swatch"]} data-hue={hue} />
              {name}
            </li>
          ))}
          {hues.size > 12 && <li>and {hues.size - 12} more</li>}
        </ul>
      </div>
      <ul className={styles["examples"]}>
        {images.map(({ image, url }) => (
          <li key={image.file_name}>
            <ExamplePair image={image} url={url} confidence={confidence} hues={hues} />
          </li>
        ))}
      </ul>
      {leftOut > 0 && (
        <p className={shared["hint"]}>{leftOut} more did not fit into this file; they are in the folder of the run.</p>
      )}
      {count > PAGE && (
        <p className={styles["pages"]}>
          <Button disabled={from === 0} onClick={() => setFrom(Math.max(0, from - PAGE))}>
            Before
          </Button>
          <span>
            {formatCount(from + 1)} to {formatCount(last)} of {formatCount(count)}
          </span>
          <Button disabled={last >= count} onClick={() => setFrom(from + PAGE)}>
            Next
          </Button>
        </p>
      )}
    </Card>
  );
}

interface Shown {
  image: EvaluatedImage;
  url: string | undefined;
}

interface ShownImages {
  images: Shown[];
  leftOut: number;
  from: number;
  count: number;
  error: string | null;
  setFrom: (from: number) => void;
}

/** In the app a page of all images; in a report, or where the run kept no boxes, the examples of the document. */
function useImages(numbers: EvaluationNumbers): ShownImages {
  const access = useEvaluatedRun();
  const [from, setFrom] = useState(0);
  const { split } = numbers;
  const { value, error } = useAsked(access && `${split} ${from}`, async () =>
    access?.getImages(split, { confidence: 0, cell: null, offset: from, limit: PAGE }),
  );
  if (access && value) {
    const images = value.images.map((image) => ({ image, url: access.pictureUrl(split, image.image ?? 0, 640) }));
    return { images, leftOut: 0, from: value.offset, count: value.count, error: null, setFrom };
  }
  const saved = (numbers.examples ?? []).filter((one) => !one.is_suspect);
  const shown = access && !error ? [] : saved.map((image) => ({ image, url: savedUrl(image, access) }));
  const images = withPictures(shown);
  return { images, leftOut: shown.length - images.length, from: 0, count: 0, error, setFrom };
}

function savedUrl(example: Example, access: EvaluatedAccess | null): string | undefined {
  return pictureOf(example) ?? access?.fileUrl(example.path);
}

interface PairProps extends Shown {
  confidence: number;
  hues: Map<string, number>;
}

function ExamplePair({ image, url, confidence, hues }: PairProps) {
  const seen = image.predictions.filter((box) => (box.confidence ?? 0) >= confidence);
  const { found, right } = matchExample(image.ground_truth, seen);
  const missed = image.ground_truth.length - found.size;
  const falseAlarms = seen.length - right.size;
  const draw = (boxes: ExampleBox[], paired: Set<number>) =>
    boxes.map((one, i) => {
      const sure = one.confidence === undefined ? "" : ` ${one.confidence.toFixed(2)}`;
      const text = `${one.class_name}${sure}`;
      return { box: one.box_xyxy, hue: hues.get(one.class_name) ?? 8, isDashed: !paired.has(i), text, title: text };
    });
  const common = { imageWh: image.image_wh, url, widthPx: 420 };
  return (
    <figure>
      <div className={styles["pair"]}>
        <BoxedImage {...common} label={`Ground truth in ${image.file_name}`} boxes={draw(image.ground_truth, found)} />
        <BoxedImage {...common} label={`Predictions in ${image.file_name}`} boxes={draw(seen, right)} />
      </div>
      <figcaption>
        <span>{image.file_name}</span>
        <span>
          {found.size} of {image.ground_truth.length} found, {missed} missed, {falseAlarms}{" "}
          {falseAlarms === 1 ? "false alarm" : "false alarms"}
        </span>
      </figcaption>
    </figure>
  );
}
