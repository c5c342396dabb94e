import { useSyncExternalStore } from "react";

const KEY = "bff:session";

let session = stored();
const listeners = new Set();

/** Returns the session of this browser tab, or null: `{ handle, name, accessToken, expiresAt }`. */
export function useSession() {
  return useSyncExternalStore(listen, () => session);
}

/** Returns the access token, or null if no user is signed in or the token has ended. */
export function accessToken() {
  return session && secondsLeft(session) > 0 ? session.accessToken : null;
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

function listen(tell) {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

function stored() {
  const found = JSON.parse(sessionStorage.getItem(KEY));
  return found && secondsLeft(found) > 0 ? found : null;
}
