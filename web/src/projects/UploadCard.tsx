/** Where photos and zips are dropped: a few go at a time, each is told when it came or why it did not. */
import { useState } from "react";
import { Button, Card } from "../ui/controls";
import { DropArea } from "../ui/DropArea";
import { formatCounted } from "../ui/format";
import { Notice } from "../ui/Notice";
import { followTask, uploadPicture, uploadZip } from "./api";
import type { Chosen } from "./chosen";
import { ACCEPTED, chosenOf, droppedOf, sortChosen } from "./chosen";
import { packZip } from "./zip";
import styles from "./Projects.module.css";
import shared from "../ui/shared.module.css";

const AT_ONCE = 4;

interface Sent {
  /** Files, of which a zip is one. */
  done: number;
  total: number;
  /** How much of the zip that is being unpacked is done, 0–1. */
  part: number;
  /** Images that came, those of zips too. */
  images: number;
  already: number;
  failed: string[];
  note: string;
}

const NOTHING: Sent = { done: 0, total: 1, part: 0, images: 0, already: 0, failed: [], note: "" };

export function UploadCard({ workspace, project, onCame }: { workspace: string; project: string; onCame: () => void }) {
  const [sent, setSent] = useState<Sent | null>(null);
  const busy = sent !== null && sent.done < sent.total;

  const send = async (chosen: Chosen[]): Promise<void> => {
    const { alone, together } = sortChosen(chosen);
    const files = [...alone];
    if (busy) return;
    if (together.length > 0) {
      const name = `${together.length} files`;
      setSent({ ...NOTHING, note: `packing ${name}` });
      try {
        files.push(new File([await packZip(together)], `${name}.zip`));
      } catch (error) {
        const failed = [error instanceof Error ? error.message : String(error)];
        setSent({ ...NOTHING, done: 1, failed });
        return;
      }
    }
    if (files.length === 0) return;
    const batch = `Upload ${new Date().toISOString().slice(0, 16).replace("T", " ")}`;
    let now: Sent = { ...NOTHING, total: files.length };
    const tell = (change: Partial<Sent>): void => setSent((now = { ...now, ...change }));
    tell({});
    const queue = [...files];
    const work = async (): Promise<void> => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        try {
          if (/\.zip$/i.test(file.name)) {
            const came = await followZip(workspace, project, file, batch, tell);
            tell({ images: now.images + came });
          } else if (await uploadPicture(workspace, project, file, batch)) tell({ already: now.already + 1 });
          else tell({ images: now.images + 1 });
        } catch (error) {
          tell({ failed: [...now.failed, `${file.name}: ${error instanceof Error ? error.message : String(error)}`] });
        }
        tell({ done: now.done + 1, part: 0, note: "" });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    onCame();
  };

  return (
    <Card label="Upload">
      <DropArea className={styles["drop"]} onDropped={(what) => void droppedOf(what).then(send)}>
        <label className={styles["pick"]}>
          <input
            type="file"
            multiple
            accept={ACCEPTED}
            disabled={busy}
            onChange={(event) => {
              void send(chosenOf(event.target.files));
              event.target.value = ""; // the same files can be chosen again
            }}
          />
          <span>
            Drop photos, with or without their annotation files in any format, a folder or a zip of them; or choose
            files
          </span>
        </label>
        {sent && (
          <p className={shared["hint"]} role="status">
            {busy ? whatIsSent(sent) : whatCame(sent)}
          </p>
        )}
        {busy && <progress max={sent.total} value={sent.done + sent.part} aria-label="Upload" />}
      </DropArea>
      {sent && sent.failed.length > 0 && (
        <Notice
          tone="bad"
          title={`${sent.failed.length} did not come`}
          actions={<Button onClick={() => setSent(null)}>Close</Button>}
        >
          <ul>
            {sent.failed.slice(0, 8).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Notice>
      )}
    </Card>
  );
}

function whatIsSent({ done, total, note }: Sent): string {
  const files = total > 1 ? `${done} of ${total} files sent` : "";
  return [files, note].filter(Boolean).join(" · ") || "Sending…";
}

function whatCame({ images, already }: Sent): string {
  const here = already > 0 ? `${formatCounted(already, "image was", "images were")} here already` : "";
  return [(images > 0 || !here) && `${formatCounted(images, "image")} came`, here].filter(Boolean).join(", ");
}

/** Send a zip and wait until it is unpacked; how many images it held. Throws with the server's sentence. */
async function followZip(
  workspace: string,
  project: string,
  file: File,
  batch: string,
  tell: (change: Pick<Sent, "note" | "part">) => void,
): Promise<number> {
  const name = file.name.replace(/^(\d+ files)\.zip$/, "$1");
  let came = 0;
  await followTask(workspace, await uploadZip(workspace, project, file, batch), ({ done, total }) => {
    came = done;
    tell({ note: `${name}: ${done}${total ? ` of ${total}` : ""} images`, part: total ? done / total : 0 });
  });
  return came;
}
