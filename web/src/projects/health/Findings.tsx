/** What was noticed in a dataset: what it means, what set it off, what to do, and the images behind it. */
import { useState } from "react";
import { Button, Card } from "../../ui/controls";
import { formatCount } from "../../ui/format";
import type { HealthDocument, HealthFinding } from "./document";
import { sortFindings, titleOf } from "./document";
import { Groups } from "./Groups";
import styles from "./Health.module.css";
import shared from "../../ui/shared.module.css";

const FIRST = 12;

type PictureUrl = (imageId: string) => string;

interface FindingsProps {
  health: HealthDocument;
  pictureUrl: PictureUrl;
  /** Puts images into the trash. */
  onTrash: (ids: string[]) => void;
  isBusy: boolean;
}

export function Findings({ health, pictureUrl, onTrash, isBusy }: FindingsProps) {
  const findings = sortFindings(health.findings);
  return (
    <Card label="Findings">
      <div className={shared["section"]}>
        <h2>Findings</h2>
        {findings.length === 0 && <p className={shared["hint"]}>Nothing was noticed.</p>}
        {findings.map((finding) => (
          <Finding key={finding.id} finding={finding} ids={health.image_ids} pictureUrl={pictureUrl} />
        ))}
        {health.groups.length > 0 && (
          <Groups
            groups={health.groups}
            ids={health.image_ids}
            pictureUrl={pictureUrl}
            onTrash={onTrash}
            isBusy={isBusy}
          />
        )}
      </div>
    </Card>
  );
}

interface FindingProps {
  finding: HealthFinding;
  ids: Record<string, string>;
  pictureUrl: PictureUrl;
}

function Finding({ finding, ids, pictureUrl }: FindingProps) {
  const [shown, setShown] = useState(FIRST);
  const places = finding.where.filter((place) => ids[place.image]);
  return (
    <details className={styles["finding"]}>
      <summary>
        <strong>{titleOf(finding.id)}</strong>
        <span className={styles["badge"]}>{formatCount(finding.count)}</span>
        <span className={shared["hint"]}>{finding.meaning}</span>
      </summary>
      <p>{finding.remedy}</p>
      <p className={shared["hint"]}>Noticed when: {finding.trigger}</p>
      {places.length > 0 && (
        <ul className={styles["pictures"]}>
          {places.slice(0, shown).map((place, i) => (
            <li key={i}>
              <img src={pictureUrl(ids[place.image] ?? "")} alt={place.image} loading="lazy" />
              <span title={place.image}>{place.image}</span>
              {place.box_xyxy && <span>{place.box_xyxy.map((value) => Math.round(value)).join(", ")}</span>}
            </li>
          ))}
        </ul>
      )}
      {places.length > shown && (
        <Button onClick={() => setShown(shown + 4 * FIRST)}>More ({formatCount(places.length - shown)})</Button>
      )}
      {places.length === 0 && finding.examples.length > 0 && (
        <ul className={shared["hint"]}>
          {finding.examples.map((example) => (
            <li key={example}>{example}</li>
          ))}
        </ul>
      )}
    </details>
  );
}
