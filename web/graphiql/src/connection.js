import { useSyncExternalStore } from "react";

let lost = null;
const listeners = new Set();

/** Returns null, or while the connection of a subscription is lost: `{ resumes }`, whether no event will be missed. */
export function useConnection() {
  return useSyncExternalStore(listen, () => lost);
}

/** Stores the state that `useConnection` returns. */
export function report(changed) {
  lost = changed;
  listeners.forEach((tell) => tell());
}

function listen(tell) {
  listeners.add(tell);
  return () => listeners.delete(tell);
}
