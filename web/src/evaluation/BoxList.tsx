/** Images with the boxes in question; where the picture is not at hand, their names and numbers. */
import styles from "./BoxList.module.css";
import type { Example, ExampleBox } from "./numbers";

export type Box = ExampleBox["box_xyxy"];

export interface BoxGroup {
  file_name: string;
  caption: string;
  truth: Box[];
  predictions: Box[];
  lines: string[];
}

interface BoxListProps {
  groups: BoxGroup[];
  examples: Example[];
  fileUrl: ((path: string) => string) | undefined;
}

export function BoxList({ groups, examples, fileUrl }: BoxListProps) {
  return (
    <ul className={styles["groups"]}>
      {groups.map((group, i) => {
        const example = examples.find((one) => one.file_name === group.file_name);
        return (
          <li key={i}>
            {example && <Picture example={example} group={group} fileUrl={fileUrl} />}
            <div>
              <strong>{group.caption}</strong>
              <span>{group.file_name}</span>
              {group.lines.map((line, at) => (
                <span key={at}>{line}</span>
              ))}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Picture({ example, group, fileUrl }: { example: Example; group: BoxGroup } & Pick<BoxListProps, "fileUrl">) {
  const [width, height] = example.image_wh;
  const url = example.url ?? (example.path.startsWith("data:") ? example.path : fileUrl?.(example.path));
  const unit = Math.max(width, height) / 260; // One pixel of the page, about.
  const rect = ([x1, y1, x2, y2]: Box, kind: string, i: number) => (
    <rect
      key={`${kind} ${i}`}
      data-kind={kind}
      x={x1}
      y={y1}
      width={Math.max(0, x2 - x1)}
      height={Math.max(0, y2 - y1)}
      strokeWidth={2 * unit}
      strokeDasharray={kind === "prediction" ? `${5 * unit} ${3 * unit}` : undefined}
    />
  );
  return (
    <svg
      className={styles["picture"]}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${group.caption} in ${group.file_name}`}
    >
      {url && <image href={url} width={width} height={height} preserveAspectRatio="none" />}
      {group.truth.map((box, i) => rect(box, "truth", i))}
      {group.predictions.map((box, i) => rect(box, "prediction", i))}
    </svg>
  );
}
