/** The models of a public project, to try on a picture; nothing of it is kept. */
import { useState } from "react";
import { TryModel } from "../deploy/TryModel";
import { Card, Tile, Tiles } from "../ui/controls";
import { SelectField } from "../ui/fields";
import { formatFraction } from "../ui/format";
import { Empty } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import type { PublicModel, PublicPage } from "./api";
import { publicPictures, tryPublic } from "./api";

const [CONFIDENCE, OVERLAP] = [0.4, 0.5];

export function PublicModels({ page }: { page: PublicPage }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const model = page.models.find((one) => one.slug === chosen) ?? page.models[0];
  if (!model) {
    return (
      <Card label="No models">
        <Empty title="It has no model to try">
          <p>Clone it, make a version and train one yourself.</p>
        </Empty>
      </Card>
    );
  }
  return (
    <>
      <div className={shared["fields"]}>
        <SelectField
          label="Model"
          value={model.slug}
          options={page.models.map((one) => [one.slug, `${one.name} (${one.model_type})`])}
          onChange={setChosen}
        />
        <span className={shared["hint"]}>Your picture is looked at and forgotten; its owner does not see it.</span>
      </div>
      <Card label="How good it is">
        <Tiles>
          {(["mAP_0.5:0.95", "mAP_0.5", "precision", "recall"] as const).map((name) => (
            <Tile key={name} name={name} value={formatFraction(model.metrics[name])} />
          ))}
        </Tiles>
      </Card>
      <Trial key={model.slug} page={page} model={model} />
    </>
  );
}

function Trial({ page, model }: { page: PublicPage; model: PublicModel }) {
  const [confidence, setConfidence] = useState(model.metrics["confidence"] ?? CONFIDENCE);
  const [overlap, setOverlap] = useState(OVERLAP);
  const { owner } = page;
  const { slug } = page.project;
  return (
    <TryModel
      name={`universe/${owner}/${slug}/${model.slug}`}
      ask={(base64, least) => tryPublic(owner, slug, model.slug, base64, least)}
      dataset={publicPictures(owner, slug)}
      confidence={confidence}
      overlap={overlap}
      onConfidence={setConfidence}
      onOverlap={setOverlap}
    />
  );
}
