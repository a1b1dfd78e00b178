/** The images of a public project with their boxes; one is shown large, and arrow keys go on. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ProjectImage } from "../projects/api";
import cards from "../ui/cards.module.css";
import { Button, Card } from "../ui/controls";
import { formatCount } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { getPublicImages, publicImageUrl } from "./api";
import styles from "./Universe.module.css";

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
            <button
              type="button"
              className={cards["thumbnail"]}
              aria-pressed={one.id === shown}
              onClick={() => setShown(one.id)}
            >
              <img src={publicImageUrl(owner, project, one.id, "thumbnail")} alt="" loading="lazy" />
              <span>{one.name}</span>
              <small>{describe(one)}</small>
            </button>
          </li>
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
          Show more ({formatCount(total - images.length)} left)
        </Button>
      )}
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
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => frame.current?.focus(), []);
  return (
    <Card label={image.name}>
      <div
        className={styles["large"]}
        ref={frame}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
          else if (event.key === "ArrowRight") onStep(1);
          else if (event.key === "ArrowLeft") onStep(-1);
          else return;
          event.preventDefault();
        }}
      >
        <div className={shared["head"]}>
          <span>
            <strong>{image.name}</strong>{" "}
            <span className={shared["hint"]}>
              {image.image_wh[0]} × {image.image_wh[1]} · {describe(image)}
            </span>
          </span>
          <span className={shared["buttons"]}>
            <Button onClick={() => onStep(-1)} aria-label="Image before">
              ←
            </Button>
            <Button onClick={() => onStep(1)} aria-label="Next image">
              →
            </Button>
            <Button onClick={onClose}>Close</Button>
          </span>
        </div>
        <img src={url} alt={`${image.name} with its boxes`} />
      </div>
    </Card>
  );
}
