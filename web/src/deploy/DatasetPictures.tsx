/** Images of the dataset to try a model on: one by chance, or one that is looked for. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import cards from "../ui/cards.module.css";
import { Button } from "../ui/controls";
import { formatCount } from "../ui/format";
import { Notice } from "../ui/Notice";
import { SearchForm } from "../ui/SearchForm";
import shared from "../ui/shared.module.css";
import { Thumbnail } from "../ui/Thumbnail";
import styles from "./Deploy.module.css";
import type { PictureSource } from "./pictures";
import { fetchPicture, pickRandom } from "./pictures";

const [SHOWN, NONE] = [12, "No image fits."];

interface Props {
  source: PictureSource;
  onPicture: (picture: { file: Blob; drawable: Blob }, name: string) => void;
}

export function DatasetPictures({ source, onPicture }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const [page, setPage] = useState(0);
  const found = useQuery({
    queryKey: ["pictures", source.key, query, page],
    queryFn: () => source.find(query, SHOWN, page * SHOWN),
    enabled: isOpen,
    placeholderData: (before) => before,
  });
  const take = useMutation({
    mutationFn: async (chosen: { id: string; name: string } | null) => {
      const image = chosen ?? (await pickRandom(source, query));
      if (!image) throw new Error(NONE);
      onPicture(await fetchPicture(source, image.id), image.name);
      return image.id;
    },
  });
  const total = found.data?.total ?? 0;
  const error = found.error ?? take.error;
  return (
    <div className={styles["dataset"]}>
      <div className={shared["buttons"]}>
        <Button onClick={() => take.mutate(null)} disabled={take.isPending}>
          A random image of the dataset
        </Button>
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide the images" : "Choose one of the dataset"}
        </Button>
      </div>
      {error && <Notice tone="bad" title={error.message} />}
      {isOpen && (
        <>
          {source.canSearch && (
            <SearchForm
              placeholder="split:test class:car"
              maxLength={2000}
              onSearch={(words) => {
                setQuery(words);
                setPage(0);
              }}
            />
          )}
          {found.data && (
            <p className={shared["hint"]} role="status">
              {total === 0 ? NONE : `${formatCount(total)} ${total === 1 ? "image" : "images"}`}
            </p>
          )}
          <ul className={cards["pictures"]}>
            {found.data?.images.map((image) => (
              <li key={image.id}>
                <Thumbnail
                  url={source.thumbnailUrl(image.id)}
                  name={image.name}
                  aria-pressed={take.data === image.id}
                  onClick={() => take.mutate(image)}
                />
              </li>
            ))}
          </ul>
          {total > SHOWN && (
            <div className={shared["buttons"]}>
              <Button disabled={page === 0} onClick={() => setPage(page - 1)}>
                ← Before
              </Button>
              <Button disabled={(page + 1) * SHOWN >= total} onClick={() => setPage(page + 1)}>
                More →
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
