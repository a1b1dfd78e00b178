/** A model on a picture: the person's own, from the camera or of the dataset; confidence answers at once. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button, Card, Choice } from "../ui/controls";
import { DropArea } from "../ui/DropArea";
import { Notice } from "../ui/Notice";
import type { ImageAnswer, Prediction } from "./api";
import { LOWEST_CONFIDENCE } from "./api";
import { Camera } from "./Camera";
import { DatasetPictures } from "./DatasetPictures";
import styles from "./Deploy.module.css";
import type { Shown } from "./picture";
import { above, drawPicture, readPicture } from "./picture";
import type { PictureSource } from "./pictures";
import shared from "../ui/shared.module.css";

interface Props {
  /** Of the model: its answers are kept by it. */
  name: string;
  ask: (base64: string, overlap: number) => Promise<ImageAnswer>;
  dataset: PictureSource;
  confidence: number;
  overlap: number;
  onConfidence: (value: number) => void;
  onOverlap: (value: number) => void;
}

export function TryModel({ name, ask, dataset, confidence, overlap, onConfidence, onOverlap }: Props) {
  const [shown, setShown] = useState<(Shown & { number: number; of: string }) | null>(null);
  const [problem, setProblem] = useState("");
  const take = (file: Blob | null | undefined, of = "", drawable?: Blob): void => {
    if (!file) return;
    readPicture(file, drawable).then(
      (picture) => {
        setProblem("");
        setShown((before) => ({ ...picture, of, number: (before?.number ?? 0) + 1 }));
      },
      (error: unknown) => setProblem((error as Error).message),
    );
  };
  const asked = useQuery({
    queryKey: ["infer", name, shown?.number, overlap],
    queryFn: () => ask(shown?.base64 ?? "", overlap),
    enabled: shown !== null,
    placeholderData: (before) => before,
  });
  const found = above(asked.data?.predictions ?? [], confidence);
  return (
    <Card label="Try it">
      <h2>Try it</h2>
      <DropArea className={styles["drop"]} onDropped={(what) => take(what.files[0])}>
        <label className={styles["choose"]}>
          Choose a picture
          <input
            type="file"
            accept="image/*,.tif,.tiff,.ppm,.pgm"
            onChange={(event) => take(event.target.files?.[0])}
          />
        </label>
        <span className={shared["hint"]}>or drop one here</span>
        <Camera onPicture={(picture) => take(picture)} />
      </DropArea>
      <DatasetPictures source={dataset} onPicture={({ file, drawable }, name) => take(file, name, drawable)} />
      {problem && <Notice tone="bad" title={problem} />}
      {asked.error && <Notice tone="bad" title={asked.error.message} />}
      <div className={styles["sliders"]}>
        <Slider label="Confidence" value={confidence} least={LOWEST_CONFIDENCE} onChange={onConfidence} />
        <Slider label="Overlap" value={overlap} least={0} onChange={onOverlap} />
      </div>
      {shown?.of && <p className={shared["hint"]}>{shown.of}</p>}
      {shown && <Picture shown={shown} predictions={found} width={asked.data?.image_wh[0]} />}
      {shown && asked.data && <Found predictions={found} imageWh={asked.data.image_wh} />}
    </Card>
  );
}

interface PictureProps {
  shown: Shown;
  predictions: Prediction[];
  /** Of the picture in which the boxes are. */
  width: number | undefined;
}

function Picture({ shown, predictions, width }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) drawPicture(canvas.current, shown.bitmap, predictions, width);
  });
  const label = `The picture with ${predictions.length} boxes; the list below names them.`;
  return <canvas ref={canvas} className={styles["picture"]} role="img" aria-label={label} data-testid="picture" />;
}

function Slider(props: { label: string; value: number; least: number; onChange: (value: number) => void }) {
  const { label, value, least, onChange } = props;
  return (
    <label className={styles["slider"]}>
      <span>
        {label} <strong>{Math.round(value * 100)} %</strong>
      </span>
      <input
        type="range"
        min={least}
        max={1}
        step={0.01}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </label>
  );
}

function Found({ predictions, imageWh }: { predictions: Prediction[]; imageWh: [number, number] }) {
  const [view, setView] = useState<"list" | "json">("list");
  const json = JSON.stringify({ image_wh: imageWh, predictions }, null, 1);
  return (
    <div className={styles["found"]}>
      <div className={styles["foundHead"]}>
        <strong data-testid="count">
          {predictions.length} {predictions.length === 1 ? "box" : "boxes"}
        </strong>
        <Choice
          label="Shown as"
          value={view}
          options={[
            { value: "list", label: "List" },
            { value: "json", label: "JSON" },
          ]}
          onChange={setView}
        />
        {view === "json" && (
          <Button tone="quiet" onClick={() => void navigator.clipboard.writeText(json)}>
            Copy
          </Button>
        )}
      </div>
      {view === "json" ? (
        <pre className={shared["code"]} tabIndex={0}>
          {json}
        </pre>
      ) : (
        <ul className={styles["boxes"]}>
          {predictions.map((one, i) => (
            <li key={i}>
              <span>{one.class_name}</span>
              <span>{Math.round(one.confidence * 100)} %</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
