/** Where photos and zips are dropped: a few go at a time, each is told when it came or why it did not. */
import { useState } from "react";
import { Button, Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import { followTask, uploadPicture, uploadZip } from "./api";
import type { Chosen } from "./chosen";
import { ACCEPTED, chosenOf, droppedOf, sortChosen } from "./chosen";
import { packZip } from "./zip";
import styles from "./Projects.module.css";
import shared from "../ui/shared.module.css";

const AT_ONCE = 4;

interface Sent {
  done: number;
  total: number;
  already: number;
  failed: string[];
  note: string;
}

export function UploadCard({ workspace, project, onCame }: { workspace: string; project: string; onCame: () => void }) {
  const [sent, setSent] = useState<Sent | null>(null);
  const [isOver, setIsOver] = useState(false);
  const busy = sent !== null && sent.done < sent.total;

  const send = async (chosen: Chosen[]): Promise<void> => {
    const { alone, together } = sortChosen(chosen);
    const files = [...alone];
    if (busy) return;
    if (together.length > 0) {
      const name = `${together.length} files`;
      setSent({ done: 0, total: 1, already: 0, failed: [], note: `packing ${name}` });
      try {
        files.push(new File([await packZip(together)], `${name}.zip`));
      } catch (error) {
        const failed = [error instanceof Error ? error.message : String(error)];
        setSent({ done: 1, total: 1, already: 0, failed, note: "" });
        return;
      }
    }
    if (files.length === 0) return;
    const batch = `Upload ${new Date().toISOString().slice(0, 16).replace("T", " ")}`;
    let now: Sent = { done: 0, total: files.length, already: 0, failed: [], note: "" };
    const tell = (change: Partial<Sent>): void => setSent((now = { ...now, ...change }));
    tell({});
    const queue = [...files];
    const work = async (): Promise<void> => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        try {
          if (/\.zip$/i.test(file.name)) {
            await followZip(workspace, project, file, batch, (note) => tell({ note }));
          } else if (await uploadPicture(workspace, project, file, batch)) tell({ already: now.already + 1 });
        } catch (error) {
          tell({ failed: [...now.failed, `${file.name}: ${error instanceof Error ? error.message : String(error)}`] });
        }
        tell({ done: now.done + 1 });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    onCame();
  };

  return (
    <Card label="Upload">
      <div
        className={styles["drop"]}
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          void droppedOf(event.dataTransfer).then(send);
        }}
      >
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
            {busy ? `${sent.done} of ${sent.total} sent` : `${sent.total - sent.failed.length} came`}
            {sent.already > 0 ? `, ${sent.already} were here already` : ""}
            {sent.note ? ` · ${sent.note}` : ""}
          </p>
        )}
        {busy && <progress max={sent.total} value={sent.done} aria-label="Upload" />}
      </div>
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

/** Send a zip and wait until it is unpacked. Throws with the server's sentence. */
async function followZip(
  workspace: string,
  project: string,
  file: File,
  batch: string,
  tell: (note: string) => void,
): Promise<void> {
  await followTask(workspace, await uploadZip(workspace, project, file, batch), (task) => {
    tell(
      `${file.name.replace(/^(\d+ files)\.zip$/, "$1")}: ${task.done}${task.total ? ` of ${task.total}` : ""} images`,
    );
  });
}
