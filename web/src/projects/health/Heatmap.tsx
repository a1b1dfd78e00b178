/** Where boxes lie on the images: the more of them reach into a cell, the darker it is. */
import { useState } from "react";
import type { HealthDocument } from "./document";
import styles from "./Health.module.css";
import shared from "../../ui/shared.module.css";

const ALL = "";

export function Heatmap({ health }: { health: HealthDocument }) {
  const [chosen, setChosen] = useState(ALL);
  const grid = health.heatmaps[chosen] ?? health.heatmap;
  const most = Math.max(1, ...grid.flat());
  const side = grid.length;
  return (
    <div className={shared["section"]}>
      <h2>Where the boxes lie</h2>
      <label className={shared["hint"]}>
        Class{" "}
        <select className={shared["input"]} value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <option value={ALL}>all</option>
          {Object.keys(health.heatmaps).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <svg
        className={styles["heatmap"]}
        viewBox={`0 0 ${side} ${side}`}
        role="img"
        aria-label={`Boxes of ${chosen || "all classes"} over the image; at most ${most} in one of ${side} × ${side} cells`}
      >
        {grid.flatMap((row, y) =>
          row.map((count, x) => (
            <rect key={`${x} ${y}`} x={x} y={y} width={1.02} height={1.02} fillOpacity={count / most}>
              <title>{`${count} boxes`}</title>
            </rect>
          )),
        )}
      </svg>
      <p className={shared["hint"]}>
        All images laid over each other. A map with a hole or a heap says that a model will not know objects elsewhere;
        flips and crops in a version help.
      </p>
    </div>
  );
}
