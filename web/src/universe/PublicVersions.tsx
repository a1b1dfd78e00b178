/** The versions of a public project: what is in each, how it was made, and how well models learned from it. */
import { Card } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import { Empty } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import type { PublicPage, PublicVersion } from "./api";
import { bestOf } from "./best";
import { publicPath } from "./paths";
import styles from "./Universe.module.css";

export function PublicVersions({ page }: { page: PublicPage }) {
  if (page.versions.length === 0) {
    return (
      <Card label="No versions">
        <Empty title="It has no version yet">
          <p>A version freezes the images with a split and preprocessing, so that trainings on it can be compared.</p>
        </Empty>
      </Card>
    );
  }
  return (
    <ul className={styles["versions"]}>
      {page.versions.map((version) => (
        <li key={version.number}>
          <Card label={`Version ${version.number}`}>
            <Version page={page} version={version} />
          </Card>
        </li>
      ))}
    </ul>
  );
}

function Version({ page, version }: { page: PublicPage; version: PublicVersion }) {
  const { owner, project, models } = page;
  const best = bestOf(models, version.number);
  const others = models.filter((one) => one.version === version.number).length - 1;
  const made = new Date(version.created_at * 1000).toLocaleDateString(undefined, { dateStyle: "medium" });
  return (
    <div className={shared["section"]} data-testid="public-version">
      <div className={styles["versionHead"]}>
        <h2>
          Version {version.number}
          {version.name && version.name !== String(version.number) ? `: ${version.name}` : ""}
        </h2>
        <span className={shared["hint"]}>made on {made}</span>
      </div>
      <p>
        {formatCount(version.images)} {version.images === 1 ? "image" : "images"}: {splitText(version)}
      </p>
      <ul className={shared["hint"]}>
        {version.explanation.length === 0 && <li>The images are as they were uploaded.</li>}
        {version.explanation.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      {best === null ? (
        <p className={shared["hint"]}>No model of it can be tried yet.</p>
      ) : (
        <p>
          Best model: {best.name} ({best.model_type}), mAP_0.5:0.95{" "}
          <strong>{formatFraction(best.metrics["mAP_0.5:0.95"])}</strong>
          {others > 0 ? `, of ${formatCount(others + 1)} models` : ""}.{" "}
          {best.training_id === null ? (
            <span className={shared["hint"]}>It was not trained here, so there is no graph.</span>
          ) : (
            <a href={`#${publicPath(owner, project.slug, "graph", best.slug)}`}>Its training graph</a>
          )}
        </p>
      )}
    </div>
  );
}

function splitText({ splits }: PublicVersion): string {
  return Object.entries(splits)
    .map(([name, counts]) => `${name} ${formatCount(counts.images)} (${formatCount(counts.annotations)} boxes)`)
    .join(" · ");
}
