/** The picture with its boxes, to draw on. Everything on it can also be done in the list beside it, by keys. */
import styles from "./Annotate.module.css";
import type { Tool } from "./dragging";
import type { Box, Edit } from "./editing";
import type { Corners, Size } from "./geometry";
import { HANDLES, handlePoint, toScreen } from "./geometry";
import type { Placing } from "./usePlacement";
import { usePointers } from "./usePointers";

/** Room for a name beside a box. */
const TAG_PX = 90;

interface Props {
  name: string;
  url: string;
  image: Size;
  boxes: readonly Box[];
  selected: number | null;
  tool: Tool;
  className: string | null;
  colour: (name: string) => string;
  placing: Placing;
  onEdit: (edit: Edit) => void;
  onNameless: () => void;
}

export function Stage(props: Props) {
  const { name, url, image, boxes, selected, tool, className, colour, placing } = props;
  const scene = { image, boxes: boxes.map((one) => one.box_xyxy), selected, tool };
  const pointers = usePointers({ placing, scene, className, onEdit: props.onEdit, onNameless: props.onNameless });
  const { drag } = pointers;
  const { frame, at, stage } = placing;
  const isChanged = drag !== null && (drag.kind === "move" || drag.kind === "resize") && drag.isMoved;
  const shown = boxes.map((one, i) => (isChanged && drag.index === i ? { ...one, box_xyxy: drag.box } : one));
  const order = [...shown.keys()].sort((a, b) => Number(a === selected) - Number(b === selected));
  return (
    <div
      ref={frame}
      className={styles["stage"]}
      data-tool={drag?.kind ?? tool}
      data-testid="stage"
      {...pointers.handlers}
    >
      <svg
        width={stage[0]}
        height={stage[1]}
        role="img"
        aria-label={`${name} with ${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}`}
      >
        <image
          href={url}
          width={image[0]}
          height={image[1]}
          transform={`translate(${at.x} ${at.y}) scale(${at.scale})`}
        />
        {order.map((i) => {
          const one = shown[i];
          return (
            one && (
              <Shape
                key={i}
                box={one}
                corners={toScreen(at, one.box_xyxy)}
                colour={colour(one.class_name)}
                isChosen={i === selected}
                isAtEdge={toScreen(at, one.box_xyxy)[0] > stage[0] - TAG_PX}
              />
            )
          );
        })}
        {drag?.kind === "draw" && drag.isMoved && (
          <Outline
            corners={toScreen(at, drag.box)}
            colour={className === null ? "#ffffff" : colour(className)}
            isChosen
          />
        )}
      </svg>
    </div>
  );
}

interface ShapeProps {
  box: Box;
  corners: Corners;
  colour: string;
  isChosen: boolean;
  /** The name has no room to the right. */
  isAtEdge: boolean;
}

function Shape({ box, corners, colour, isChosen, isAtEdge }: ShapeProps) {
  const [x1, y1, x2] = corners;
  return (
    <g data-testid="box" data-chosen={isChosen}>
      <Outline corners={corners} colour={colour} isChosen={isChosen} isDraft={box.is_draft} />
      <text
        x={isAtEdge ? x2 - 4 : x1 + 4}
        y={Math.max(15, y1 - 5)}
        textAnchor={isAtEdge ? "end" : "start"}
        className={styles["tag"]}
      >
        {box.class_name}
        {box.confidence === null ? "" : ` ${Math.round(box.confidence * 100)} %`}
        {box.is_draft ? " ?" : ""}
      </text>
      {isChosen &&
        HANDLES.map((handle) => {
          const [x, y] = handlePoint(corners, handle);
          return (
            <rect
              key={handle}
              x={x - 4.5}
              y={y - 4.5}
              width={9}
              height={9}
              rx={2}
              fill="#ffffff"
              stroke={colour}
              strokeWidth={2}
            />
          );
        })}
    </g>
  );
}

interface OutlineProps {
  corners: Corners;
  colour: string;
  isChosen: boolean;
  isDraft?: boolean;
}

/** A dark line below the coloured one, so that it is seen on every picture. */
function Outline({ corners: [x1, y1, x2, y2], colour, isChosen, isDraft = false }: OutlineProps) {
  const dashes = isDraft ? "8 6" : undefined;
  const place = { x: x1, y: y1, width: Math.max(0, x2 - x1), height: Math.max(0, y2 - y1) };
  return (
    <>
      <rect
        {...place}
        fill="none"
        stroke="#000000"
        strokeOpacity={0.45}
        strokeWidth={isChosen ? 5 : 4}
        strokeDasharray={dashes}
      />
      <rect
        {...place}
        fill={colour}
        fillOpacity={isChosen ? 0.18 : 0.06}
        stroke={colour}
        strokeWidth={isChosen ? 3 : 2}
        strokeDasharray={dashes}
      />
    </>
  );
}
