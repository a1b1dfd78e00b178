/** Pictures in the browser: to base64 for the server, and onto a canvas with boxes. No blob: address is needed. */
import { readColour } from "../ui/theme";
import type { Prediction } from "./api";
import { askForDrawable } from "./api";

export const HUES = 7;

export interface Shown {
  bitmap: ImageBitmap;
  /** Of the file, as it is sent. */
  base64: string;
}

/** A file as the server and the canvas need it; rejects with a sentence when neither browser nor server decodes it. */
export async function readPicture(file: Blob, drawable = file): Promise<Shown> {
  const drawn = createImageBitmap(drawable).catch(async () => createImageBitmap(await askForDrawable(file)));
  const [bitmap, buffer] = await Promise.all([drawn, file.arrayBuffer()]);
  return { bitmap, base64: toBase64(new Uint8Array(buffer)) };
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** What counts of the boxes: as the server would have answered with this confidence. */
export function above(predictions: Prediction[], confidence: number): Prediction[] {
  return predictions.filter((one) => one.confidence >= confidence);
}

export function hueOf(classId: number): number {
  return (classId % HUES) + 1;
}

/** `width`: of the picture in which the boxes are; what is drawn of it may be smaller. */
export function drawPicture(
  canvas: HTMLCanvasElement,
  bitmap: ImageBitmap,
  predictions: Prediction[],
  width = bitmap.width,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  context.drawImage(bitmap, 0, 0);
  const unit = Math.max(bitmap.width, bitmap.height) / 640;
  context.font = `600 ${13 * unit}px ${getComputedStyle(canvas).fontFamily}`;
  for (const { box_xyxy, class_name, class_id, confidence } of [...predictions].reverse()) {
    const [x1, y1, x2, y2] = box_xyxy.map((value) => (value * bitmap.width) / width) as typeof box_xyxy;
    context.lineWidth = 2 * unit;
    context.strokeStyle = readColour(`--series-${hueOf(class_id)}`);
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    const text = `${class_name} ${Math.round(confidence * 100)} %`;
    const y = Math.max(14 * unit, y1 - 4 * unit);
    context.lineWidth = 4 * unit;
    context.strokeStyle = "#ffffff";
    context.strokeText(text, x1, y);
    context.fillStyle = "#1a1e23";
    context.fillText(text, x1, y);
  }
}
