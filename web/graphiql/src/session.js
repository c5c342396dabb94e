import { useSyncExternalStore } from "react";

const KEY = "bff:session";

let session = stored();
const listeners = new Set();

/** Returns the session of this browser tab, or null: `{ handle, name, accessToken, expiresAt }`. */
export function useSession() {
  return useSyncExternalStore(onChange, () => session);
}

/** Returns the headers of a tab with the access token of the signed-in user. Headers of the tab have precedence. */
export function authorized(headers) {
  const sent = new Headers();
  if (session && secondsLeft(session) > 0) sent.set("Authorization", `Bearer ${session.accessToken}`);
  Object.entries(headers).forEach(([name, value]) => sent.set(name, value));
  return sent;
}

export function secondsLeft({ expiresAt }) {
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - Date.now()) / 1000));
}

/** Stores a session, or deletes it with null. It survives a reload, and belongs to this browser tab only. */
export function keep(changed) {
  session = changed;
  sessionStorage.setItem(KEY, JSON.stringify(session));
  listeners.forEach((tell) => tell());
}

/** Calls `tell` after each sign-in and sign-out, until the returned function is called. */
export function onChange(tell) {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

function stored() {
  const found = JSON.parse(sessionStorage.getItem(KEY));
  return found && secondsLeft(found) > 0 ? found : null;
}
