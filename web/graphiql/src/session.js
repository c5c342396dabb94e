import { useSyncExternalStore } from "react";

const KEY = "bff:session";

let session = stored();
const listeners = new Set();

/** The session of this browser tab, or null: `{ handle, name, accessToken, expiresAt }`. */
export function useSession() {
  return useSyncExternalStore(listen, () => session);
}

/** What to send as a bearer token; null when nobody is signed in, or not any more. */
export function accessToken() {
  return session && secondsLeft(session) > 0 ? session.accessToken : null;
}

export function secondsLeft({ expiresAt }) {
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - Date.now()) / 1000));
}

/** Opens a session, or ends it with null. It outlives a reload, and no browser tab but this one sees it. */
export function keep(changed) {
  session = changed;
  sessionStorage.setItem(KEY, JSON.stringify(session));
  listeners.forEach((tell) => tell());
}

function listen(tell) {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

function stored() {
  const found = JSON.parse(sessionStorage.getItem(KEY));
  return found && secondsLeft(found) > 0 ? found : null;
}
