/** The images of a public project with their boxes; one is shown large, and arrow keys go on. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ProjectImage } from "../projects/api";
import cards from "../ui/cards.module.css";
import { Button, Card } from "../ui/controls";
import { ImageViewer, StepButtons } from "../ui/ImageViewer";
import { MoreButton } from "../ui/MoreButton";
import { Empty, Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { Thumbnail } from "../ui/Thumbnail";
import { getPublicImages, publicImageUrl } from "./api";

export function PublicImages({ owner, project }: { owner: string; project: string }) {
  const [shown, setShown] = useState<string | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ["public-images", owner, project],
    queryFn: ({ pageParam }) => getPublicImages(owner, project, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
  });
  const images = pages.data?.pages.flatMap((page) => page.images) ?? [];
  const total = pages.data?.pages[0]?.total ?? 0;
  const at = images.findIndex((image) => image.id === shown);
  const image = images[at];
  if (pages.error) return <Notice tone="bad" title={pages.error.message} />;
  if (pages.isPending) return <p className={shared["hint"]}>Looking for images…</p>;
  if (images.length === 0) {
    return (
      <Card label="No images">
        <Empty title="Its dataset holds no image yet" />
      </Card>
    );
  }
  return (
    <>
      {image && (
        <Large
          image={image}
          url={publicImageUrl(owner, project, image.id, "drawn")}
          onStep={(step) => setShown(images[at + step]?.id ?? image.id)}
          onClose={() => setShown(null)}
        />
      )}
      <ul className={cards["pictures"]}>
        {images.map((one) => (
          <li key={one.id}>
            <Thumbnail
              url={publicImageUrl(owner, project, one.id, "thumbnail")}
              name={one.name}
              note={describe(one)}
              aria-pressed={one.id === shown}
              onClick={() => setShown(one.id)}
            />
          </li>
        ))}
      </ul>
      <MoreButton pages={pages} left={total - images.length} />
    </>
  );
}

function describe(image: ProjectImage): string {
  const boxes = Object.values(image.labels).reduce((sum, count) => sum + count, 0);
  return `${boxes} ${boxes === 1 ? "box" : "boxes"}${image.split ? ` · ${image.split}` : ""}`;
}

interface LargeProps {
  image: ProjectImage;
  url: string;
  onStep: (step: 1 | -1) => void;
  onClose: () => void;
}

function Large({ image, url, onStep, onClose }: LargeProps) {
  return (
    <ImageViewer name={image.name} onStep={onStep} onClose={onClose}>
      <div className={shared["head"]}>
        <span>
          <strong>{image.name}</strong>{" "}
          <span className={shared["hint"]}>
            {image.image_wh[0]} × {image.image_wh[1]} · {describe(image)}
          </span>
        </span>
        <span className={shared["buttons"]}>
          <StepButtons onStep={onStep} />
          <Button onClick={onClose}>Close</Button>
        </span>
      </div>
      <img src={url} alt={`${image.name} with its boxes`} />
    </ImageViewer>
  );
}
