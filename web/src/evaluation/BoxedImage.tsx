/** A picture with boxes on it, in pixels of the original; without the picture the boxes still say where. */
import { useState } from "react";
import { useEvaluatedRun } from "./access";
import styles from "./BoxedImage.module.css";
import type { ExampleBox } from "./numbers";

export interface DrawnBox {
  box: ExampleBox["box_xyxy"];
  /** 1 to 7, 8 for none. */
  hue: number;
  isDashed: boolean;
  /** Not what this is about. */
  isFaint?: boolean;
  /** Written above the box, or below it. */
  text?: string;
  isTextBelow?: boolean;
  title?: string;
}

interface BoxedImageProps {
  label: string;
  imageWh: [number, number];
  url: string | undefined;
  boxes: DrawnBox[];
  /** How wide it is drawn, about, so that lines and letters get their size. */
  widthPx: number;
  /** The part of the image to show; all of it when not given. */
  part?: ExampleBox["box_xyxy"] | undefined;
}

const TEXTS_MAX = 12;

export function BoxedImage({ label, imageWh, url, boxes, widthPx, part }: BoxedImageProps) {
  const [reason, setReason] = useState<{ url: string; text: string } | null>(null);
  const access = useEvaluatedRun();
  const [width, height] = imageWh;
  const [left, top, right, bottom] = part ?? [0, 0, width, height];
  const unit = Math.max(right - left, bottom - top) / widthPx;
  const isWritten = boxes.filter((box) => box.text && !box.isFaint).length <= TEXTS_MAX;
  const explain = (): void => {
    if (!url || !access) return;
    void access.whyNot(url).then((text) => setReason({ url, text }));
  };
  return (
    <div className={styles["frame"]}>
      <svg className={styles["image"]} viewBox={`${left} ${top} ${right - left} ${bottom - top}`} role="img">
        <title>{label}</title>
        <rect className={styles["ground"]} width={width} height={height} />
        {url && <image href={url} width={width} height={height} preserveAspectRatio="none" onError={explain} />}
        {boxes.map(({ box: [x1, y1, x2, y2], hue, isDashed, isFaint, text, isTextBelow, title }, i) => (
          <g key={i} className={styles["box"]} data-hue={hue} data-faint={isFaint}>
            {title && <title>{title}</title>}
            <rect
              x={x1}
              y={y1}
              width={Math.max(0, x2 - x1)}
              height={Math.max(0, y2 - y1)}
              strokeWidth={(isFaint ? 1 : 2) * unit}
              strokeDasharray={isDashed ? `${6 * unit} ${4 * unit}` : undefined}
            />
            {isWritten && text && !isFaint && (
              <text
                x={x1}
                y={isTextBelow ? Math.min(bottom - 3 * unit, y2 + 11 * unit) : Math.max(top + 11 * unit, y1 - 3 * unit)}
                fontSize={11 * unit}
                strokeWidth={3 * unit}
              >
                {shorten(text)}
              </text>
            )}
          </g>
        ))}
      </svg>
      {reason && reason.url === url && <p className={styles["reason"]}>{reason.text}</p>}
    </div>
  );
}

function shorten(name: string): string {
  return name.length > 28 ? `${name.slice(0, 27)}…` : name;
}
