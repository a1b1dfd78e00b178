/** What a model did lately: requests by time, latencies, confidence, classes. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Card, Choice, Tile, Tiles } from "../ui/controls";
import { formatCount, formatCounted } from "../ui/format";
import { Notice } from "../ui/Notice";
import type { InferenceStats, Stats } from "./api";
import { getStats } from "./api";
import styles from "./Deploy.module.css";
import shared from "../ui/shared.module.css";

const SPANS = [
  { value: "60", label: "Hour" },
  { value: "1440", label: "Day" },
  { value: "43200", label: "30 days" },
] as const;
const [WIDTH, HEIGHT, RENEW_MS] = [600, 90, 5000];

export function MonitoringCard({ workspace, model }: { workspace: string; model: string }) {
  const [minutes, setMinutes] = useState<(typeof SPANS)[number]["value"]>("60");
  const stats = useQuery({
    queryKey: ["inference-stats", workspace, model, minutes],
    queryFn: () => getStats(workspace, model, Number(minutes)),
    refetchInterval: RENEW_MS,
    placeholderData: (before) => before,
  });
  const mine = stats.data?.models[0]?.stats;
  return (
    <Card label="Monitoring">
      <div className={styles["foundHead"]}>
        <h2>What it did</h2>
        <Choice label="Time" value={minutes} options={[...SPANS]} onChange={setMinutes} />
      </div>
      {stats.error && <Notice tone="bad" title={stats.error.message} />}
      {stats.data && !mine && <p className={shared["hint"]}>Nobody has asked this model in that time.</p>}
      {mine && (
        <>
          <Numbers stats={mine} />
          <Requests spans={stats.data?.spans ?? []} />
          <Classes classes={mine.classes} />
        </>
      )}
    </Card>
  );
}

function Numbers({ stats }: { stats: Stats }) {
  const ms = (value: number | null): string =>
    value === null ? "–" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  return (
    <Tiles>
      <Tile name="Requests" value={formatCount(stats.requests)} note={`${formatCount(stats.errors)} failed`} />
      <Tile
        name="Half answered within"
        value={ms(stats.latency_p50_ms)}
        note={`99 % within ${ms(stats.latency_p99_ms)}`}
      />
      <Tile name="Boxes" value={formatCount(stats.detections)} note={`on ${formatCounted(stats.images, "image")}`} />
      <Tile
        name="Mean confidence"
        value={stats.confidence === null ? "–" : `${Math.round(stats.confidence * 100)} %`}
        note="of all boxes"
      />
    </Tiles>
  );
}

function Requests({ spans }: { spans: InferenceStats["spans"] }) {
  const most = Math.max(1, ...spans.map((span) => span.stats.requests));
  const step = WIDTH / Math.max(1, spans.length);
  return (
    <svg className={styles["bars"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
      <title>{`Requests by time, at most ${formatCount(most)} at once`}</title>
      {spans.map(({ start, stats }, i) => {
        const height = (stats.requests / most) * (HEIGHT - 2);
        const failed = (stats.errors / most) * (HEIGHT - 2);
        return (
          <g key={start}>
            <title>{`${new Date(start * 1000).toLocaleString()}: ${stats.requests} requests, ${stats.errors} failed`}</title>
            <rect x={i * step} y={0} width={step} height={HEIGHT} className={styles["barGround"]} />
            <rect x={i * step + 1} y={HEIGHT - height} width={Math.max(1, step - 2)} height={height} />
            <rect
              x={i * step + 1}
              y={HEIGHT - failed}
              width={Math.max(1, step - 2)}
              height={failed}
              className={styles["barFailed"]}
            />
          </g>
        );
      })}
    </svg>
  );
}

function Classes({ classes }: { classes: Record<string, number> }) {
  return (
    <ul className={styles["boxes"]} aria-label="Boxes by class">
      {Object.entries(classes).map(([name, count]) => (
        <li key={name}>
          <span>{name}</span>
          <span>{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}
