import type { ButtonHTMLAttributes, ReactNode } from "react";
import cards from "./cards.module.css";

interface ThumbnailProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  url: string;
  name: string;
  /** A line below the name. */
  note?: ReactNode;
}

/** A small picture that can be chosen. */
export function Thumbnail({ url, name, note, ...rest }: ThumbnailProps) {
  return (
    <button type="button" className={cards["thumbnail"]} {...rest}>
      <img src={url} alt="" loading="lazy" />
      <span>{name}</span>
      {note !== undefined && <small>{note}</small>}
    </button>
  );
}
