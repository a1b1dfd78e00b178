/** The zips of a version: ask for one, see how far it is, download it. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import type { VersionExport } from "./api";
import { getExports, startExport, versionsUrl } from "./api";
import shared from "../ui/shared.module.css";

const RENEW_MS = 800;
const FORMATS = [
  "coco", "voc", "yolov5pytorch", "yolov7pytorch", "yolov8", "yolov9", "yolov11", "yolov12", "yolo26", "mt-yolov6",
  "darknet", "createml", "tensorflow", "tfrecord", "retinanet", "multiclass", "yolokeras",
]; // prettier-ignore

export function Exports({ workspace, project, number }: { workspace: string; project: string; number: number }) {
  const [format, setFormat] = useState("coco");
  const exports = useQuery({
    queryKey: ["exports", workspace, project, number],
    queryFn: () => getExports(workspace, project, number),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "running") ? RENEW_MS : false),
  });
  const start = useMutation({
    mutationFn: () => startExport(workspace, project, number, format),
    onSettled: () => void exports.refetch(),
  });
  const error = exports.error ?? start.error;
  return (
    <Card label="Exports">
      <div className={shared["section"]}>
        <h2>Export</h2>
        <div className={shared["buttons"]}>
          <label className={shared["hint"]}>
            Format{" "}
            <select className={shared["input"]} value={format} onChange={(event) => setFormat(event.target.value)}>
              {FORMATS.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <Button onClick={() => start.mutate()} disabled={start.isPending}>
            Make a zip
          </Button>
        </div>
        {error && <Notice tone="bad" title={error.message} />}
        {exports.data && exports.data.length > 0 && (
          <table className={shared["table"]}>
            <thead>
              <tr>
                <th scope="col">Format</th>
                <th scope="col">Zip</th>
              </tr>
            </thead>
            <tbody>
              {exports.data.map((one) => (
                <tr key={one.format}>
                  <td>{one.format}</td>
                  <td>
                    <State made={one} href={versionsUrl(workspace, project, `/${number}/exports/${one.format}`)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Card>
  );
}

function State({ made, href }: { made: VersionExport; href: string }) {
  if (made.state === "ready") {
    return (
      <a href={href} download>
        Download ({formatBytes(made.size_bytes ?? 0)})
      </a>
    );
  }
  if (made.state === "failed") return <span className={shared["failed"]}>{made.message}</span>;
  return <>being packed, {Math.floor(made.progress * 100)} %</>;
}

function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
