import { useCallback, useEffect, useState } from "react";
import type { Address, View } from "./view";
import { DEFAULT_VIEW, formatAddress, parseAddress } from "./view";

/** The address behind #, as state. Changes of the view replace the entry in the history; going elsewhere adds one. */
export function useAddress() {
  const [address, setAddress] = useState<Address>(() => parseAddress(location.hash));
  useEffect(() => {
    const take = (): void => setAddress(parseAddress(location.hash));
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }, []);
  const setView = useCallback((change: Partial<View>) => {
    const now = parseAddress(location.hash);
    const next = { ...now, view: { ...now.view, ...change } };
    history.replaceState(null, "", formatAddress(next));
    setAddress(next);
  }, []);
  const go = useCallback((path: string) => {
    location.hash = formatAddress({ path, view: DEFAULT_VIEW });
  }, []);
  return { address, setView, go };
}
