/** Which model of a version is the best. Pure. */
import type { PublicModel } from "./api";

/** By mAP_0.5:0.95; one without a number comes last, the newest first among equals. */
export function bestOf(models: PublicModel[], version: number): PublicModel | null {
  const quality = (model: PublicModel): number => model.metrics["mAP_0.5:0.95"] ?? -1;
  return models
    .filter((one) => one.version === version)
    .reduce<PublicModel | null>((best, one) => (best === null || quality(one) > quality(best) ? one : best), null);
}
