/** Tabs that are addresses; on a narrow page the one that is shown is scrolled into sight. */
import { useEffect, useRef } from "react";
import styles from "./tabs.module.css";

interface Props {
  label: string;
  tabs: { key: string; title: string; href: string }[];
  current: string;
}

export function Tabs({ label, tabs, current }: Props) {
  const here = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    const tab = here.current;
    const row = tab?.parentElement;
    // Not scrollIntoView, which moves the page as well.
    if (tab && row) row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.clientWidth) / 2;
  }, [current]);
  return (
    <nav aria-label={label} className={styles["tabs"]}>
      {tabs.map(({ key, title, href }) => (
        <a
          key={key}
          ref={key === current ? here : undefined}
          href={href}
          aria-current={key === current ? "page" : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}
