/** What a training prints, as it prints it. */
import { useEffect, useRef, useState } from "react";
import { errorMessage } from "../server/ask";
import { Card, Toggle } from "../ui/controls";
import shared from "../ui/shared.module.css";
import styles from "./LogCard.module.css";

/** More is cut off at the beginning: a page with a million lines is slow, and the file can be downloaded. */
const MOST = 200_000;
const AGAIN_MS = 3000;

export function LogCard({ url, fileUrl }: { url: string; fileUrl: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Card label="Log">
      <div className={shared["section"]}>
        <div className={shared["head"]}>
          <h2>Log</h2>
          <span className={shared["buttons"]}>
            <Toggle on={isOpen} onChange={setOpen}>
              {isOpen ? "Hide it" : "Show what it prints"}
            </Toggle>
            <a href={fileUrl} target="_blank" rel="noreferrer">
              log.txt
            </a>
          </span>
        </div>
        {isOpen && <Lines key={url} url={url} />}
      </div>
    </Card>
  );
}

function Lines({ url }: { url: string }) {
  const { text, problem } = useLog(url);
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    // Who has scrolled up to read is not pulled down again.
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <>
      <pre
        ref={box}
        className={`${shared["code"]} ${styles["log"]}`}
        tabIndex={0}
        data-testid="log"
        onScroll={({ currentTarget: it }) => {
          isAtEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 40;
        }}
      >
        {text || "Nothing was printed yet."}
      </pre>
      {problem && <p className={shared["failed"]}>{problem}</p>}
    </>
  );
}

/** Follows the log; after a break it goes on from the byte that it has. */
function useLog(url: string): { text: string; problem: string } {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const ended = new AbortController();
    let offset = 0;
    const decoder = new TextDecoder();
    const follow = async (): Promise<void> => {
      const answer = await fetch(`${url}?follow=true&offset=${offset}`, { signal: ended.signal });
      if (!answer.ok || !answer.body) throw new Error(await errorMessage(answer));
      setProblem("");
      const reader = answer.body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        offset += read.value.length;
        const words = decoder.decode(read.value, { stream: true });
        setText((before) => (before + words).slice(-MOST));
      }
    };
    const go = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        try {
          await follow();
          return;
        } catch (error) {
          if (ended.signal.aborted) return;
          setProblem(`${error instanceof Error ? error.message : String(error)} It is asked for again.`);
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        }
      }
    };
    void go();
    return () => ended.abort();
  }, [url]);
  return { text, problem };
}
