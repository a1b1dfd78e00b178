import { useEffect, useState, useSyncExternalStore } from "react";
import type { RunLive } from "../server/RunFollower";
import { RunFollower } from "../server/RunFollower";

/** A run that keeps itself up to date while the page is open. Mount it anew (key) for another run. */
export function useRun(id: string): { live: RunLive; follower: RunFollower } {
  const [follower] = useState(() => new RunFollower(id));
  useEffect(() => {
    void follower.load();
    const wake = (): void => {
      if (document.visibilityState === "visible") follower.wake();
    };
    document.addEventListener("visibilitychange", wake);
    addEventListener("online", wake);
    addEventListener("pageshow", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      removeEventListener("online", wake);
      removeEventListener("pageshow", wake);
      follower.stop();
    };
  }, [follower]);
  return { live: useSyncExternalStore(follower.subscribe, follower.get), follower };
}
