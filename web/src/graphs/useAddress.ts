import { useCallback, useEffect, useRef, useState } from "react";
import type { Address, View } from "./view";
import { DEFAULT_VIEW, formatAddress, parseAddress } from "./view";

/** Writing the address is slow, and browsers refuse it when it comes too often: while a graph moves, it waits for this rest. */
const PAUSE_MS = 250;

/** The address behind #, as state. Changes of the view replace the entry in the history; going elsewhere adds one. */
export function useAddress() {
  const [address, setAddress] = useState<Address>(() => parseAddress(location.hash));
  const latest = useRef(address);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    const take = (): void => {
      cancel(timer);
      latest.current = parseAddress(location.hash);
      setAddress(latest.current);
    };
    addEventListener("hashchange", take);
    return () => {
      removeEventListener("hashchange", take);
      cancel(timer);
    };
  }, []);
  const setView = useCallback((change: Partial<View>) => {
    const now = latest.current;
    latest.current = { ...now, view: { ...now.view, ...change } };
    setAddress(latest.current);
    const write = (): void => history.replaceState(null, "", formatAddress(latest.current));
    if (timer.current === null) write();
    cancel(timer);
    timer.current = setTimeout(() => {
      timer.current = null;
      write();
    }, PAUSE_MS);
  }, []);
  const go = useCallback((path: string) => {
    location.hash = formatAddress({ path, view: DEFAULT_VIEW });
  }, []);
  return { address, setView, go };
}

function cancel(timer: { current: ReturnType<typeof setTimeout> | null }): void {
  if (timer.current !== null) clearTimeout(timer.current);
  timer.current = null;
}
