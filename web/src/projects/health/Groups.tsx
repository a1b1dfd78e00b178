/** Images that show the same, and the mending of those that stand in two splits. */
import { useState } from "react";
import { Button } from "../../ui/controls";
import { formatCount } from "../../ui/format";
import type { DuplicateGroup } from "./document";
import { leakedImages } from "./document";
import styles from "./Health.module.css";
import shared from "../../ui/shared.module.css";

const FIRST = 12;

interface Props {
  groups: DuplicateGroup[];
  ids: Record<string, string>;
  pictureUrl: (imageId: string) => string;
  onTrash: (ids: string[]) => void;
  isBusy: boolean;
}

export function Groups({ groups, ids, pictureUrl, onTrash, isBusy }: Props) {
  const [shown, setShown] = useState(FIRST);
  const trash = (names: string[]): void => onTrash(names.map((name) => ids[name] ?? "").filter(Boolean));
  const leaked = leakedImages(groups);
  return (
    <details className={styles["finding"]}>
      <summary>
        <strong>Images that show the same</strong>
        <span className={styles["badge"]}>{formatCount(groups.length)}</span>
        <span className={shared["hint"]}>Groups of copies and look-alikes; those across splits make val too easy.</span>
      </summary>
      {leaked.length > 0 && (
        <div className={shared["buttons"]}>
          <Button tone="primary" onClick={() => trash(leaked)} disabled={isBusy}>
            Mend all leaks
          </Button>
          <span className={shared["hint"]}>
            Moves {formatCount(leaked.length)} {leaked.length === 1 ? "image" : "images"} to the trash: out of train
            what val or test shows too, out of val what test shows. They can be restored for 30 days.
          </span>
        </div>
      )}
      <div className={styles["groups"]}>
        {groups.slice(0, shown).map((group) => (
          <Group
            key={group.images.map(({ image }) => image).join("|")}
            group={group}
            ids={ids}
            pictureUrl={pictureUrl}
            onTrash={trash}
            isBusy={isBusy}
          />
        ))}
      </div>
      {groups.length > shown && (
        <Button onClick={() => setShown(shown + 4 * FIRST)}>More ({formatCount(groups.length - shown)})</Button>
      )}
    </details>
  );
}

interface GroupProps extends Omit<Props, "groups"> {
  group: DuplicateGroup;
  onTrash: (names: string[]) => void;
}

function Group({ group, ids, pictureUrl, onTrash, isBusy }: GroupProps) {
  const leaked = leakedImages([group]);
  return (
    <div>
      <p className={shared["hint"]}>
        {group.is_identical ? "Identical" : "Look-alikes"}
        {group.is_leak ? ", in different splits " : " "}
        {leaked.length > 0 && (
          <Button tone="quiet" onClick={() => onTrash(leaked)} disabled={isBusy}>
            Mend
          </Button>
        )}
      </p>
      <ul className={styles["pictures"]}>
        {group.images.map(({ image, split }) => (
          <li key={image}>
            <img src={pictureUrl(ids[image] ?? "")} alt={image} loading="lazy" />
            <span title={image}>{image}</span>
            <span>{split ?? "no split"}</span>
            <Button
              tone="quiet"
              onClick={() => onTrash([image])}
              disabled={isBusy}
              aria-label={`Move ${image} to the trash`}
            >
              To the trash
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
