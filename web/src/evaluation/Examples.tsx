/** Images of the evaluation: what is there, beside what the model saw. */
import { classHues } from "./classHues";
import { matchExample } from "./curves";
import styles from "./Examples.module.css";
import type { EvaluationNumbers, Example, ExampleBox } from "./numbers";

interface ExamplesProps {
  numbers: EvaluationNumbers;
  confidence: number;
  onConfidence: (confidence: number) => void;
  fileUrl: ((path: string) => string) | undefined;
}

export function Examples({ numbers, confidence, onConfidence, fileUrl }: ExamplesProps) {
  const hues = classHues(numbers);
  return (
    <div>
      <h2>Examples from {numbers.split}</h2>
      <p className={styles["muted"]}>
        Left what is there, right what the model says. Dashed: missed on the left, a false alarm on the right.
      </p>
      <div className={styles["bar"]}>
        <label>
          Boxes from confidence
          <input
            type="range"
            min="0"
            max="1"
            step="0.01"
            value={confidence}
            onChange={(event) => onConfidence(Number(event.target.value))}
          />
          <output>{confidence.toFixed(2)}</output>
        </label>
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
        {numbers.examples?.map((example) => (
          <li key={example.file_name}>
            <ExamplePair example={example} confidence={confidence} hues={hues} fileUrl={fileUrl} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface PairProps {
  example: Example;
  confidence: number;
  hues: Map<string, number>;
  fileUrl: ((path: string) => string) | undefined;
}

function ExamplePair({ example, confidence, hues, fileUrl }: PairProps) {
  const seen = example.predictions.filter((box) => (box.confidence ?? 0) >= confidence);
  const { found, right } = matchExample(example.ground_truth, seen);
  const url = example.url ?? (example.path.startsWith("data:") ? example.path : fileUrl?.(example.path));
  const missed = example.ground_truth.length - found.size;
  const falseAlarms = seen.length - right.size;
  return (
    <figure>
      <div className={styles["pair"]}>
        <Boxes name="Ground truth" {...{ example, url, hues }} boxes={example.ground_truth} solid={found} />
        <Boxes name="Predictions" {...{ example, url, hues }} boxes={seen} solid={right} />
      </div>
      <figcaption>
        <span>{example.file_name}</span>
        <span>
          {found.size} of {example.ground_truth.length} found, {missed} missed, {falseAlarms}{" "}
          {falseAlarms === 1 ? "false alarm" : "false alarms"}
        </span>
      </figcaption>
    </figure>
  );
}

interface BoxesProps {
  name: string;
  example: Example;
  url: string | undefined;
  hues: Map<string, number>;
  boxes: ExampleBox[];
  /** Indices of boxes that have a partner; the others are dashed. */
  solid: Set<number>;
}

/** The image with its boxes, in pixels of the original. */
function Boxes({ name, example, url, hues, boxes, solid }: BoxesProps) {
  const [width, height] = example.image_wh;
  const unit = Math.max(width, height) / 420; // One pixel of the page, about.
  return (
    <svg
      className={styles["image"]}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${name} in ${example.file_name}`}
    >
      <rect className={styles["ground"]} width={width} height={height} />
      {url && <image href={url} width={width} height={height} preserveAspectRatio="none" />}
      {boxes.map((box, i) => {
        const [x1, y1, x2, y2] = box.box_xyxy;
        const text = `${shorten(box.class_name)}${box.confidence === undefined ? "" : ` ${box.confidence.toFixed(2)}`}`;
        return (
          <g key={i} className={styles["box"]} data-hue={hues.get(box.class_name) ?? 8}>
            <title>{`${box.class_name}${box.confidence === undefined ? "" : `, confidence ${box.confidence.toFixed(3)}`}`}</title>
            <rect
              x={x1}
              y={y1}
              width={Math.max(0, x2 - x1)}
              height={Math.max(0, y2 - y1)}
              strokeWidth={2 * unit}
              strokeDasharray={solid.has(i) ? undefined : `${6 * unit} ${4 * unit}`}
            />
            {boxes.length <= 12 && (
              <text x={x1} y={Math.max(11 * unit, y1 - 3 * unit)} fontSize={11 * unit} strokeWidth={3 * unit}>
                {text}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function shorten(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}
