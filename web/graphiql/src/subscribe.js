import { createClient } from "graphql-ws";

import { report } from "./connection.js";
import { authorized, onChange } from "./session.js";

const ADDRESS = "/graphql";
const FORBIDDEN = 4403; // the token is not valid: the server would reject it again
const TERMINATED = 4499; // the page has closed the connection, because the session changed
const ACKNOWLEDGED_WITHIN = 10_000; // milliseconds, as the others
const PING_EVERY = 15_000;
const LONGEST_WAIT = 30_000;

/** Returns an observable of the results of a subscription. Each observer has a WebSocket of its own. */
export function subscribe(operation, definition, headers) {
  const hasAfter = (definition.variableDefinitions ?? []).some(({ variable }) => variable.name.value === "after");
  return {
    subscribe: (observer) => ({ unsubscribe: follow({ operation, hasAfter, client: clientFor(headers) }, observer) }),
  };
}

/**
 * Sends results to an observer until they end or the returned function is called.
 *
 * After a lost connection, the subscription continues after the last cursor, if it has the variable `after` and selects
 * `cursor`. After a sign-in or a sign-out, it begins again as another user.
 */
function follow({ operation, hasAfter, client }, observer) {
  const payload = { ...operation };
  const listening = [
    client.on("connected", () => report(null)),
    client.on("closed", ({ code }) => {
      if (code !== TERMINATED) report({ resumes: hasAfter && Boolean(payload.variables?.after) });
    }),
    onChange(() => {
      payload.variables = operation.variables;
      client.terminate();
    }),
  ];
  let isOver = false;
  const end = (tell) => {
    if (isOver) return;
    isOver = true;
    listening.forEach((forget) => forget());
    report(null);
    tell();
  };
  const stop = client.subscribe(payload, {
    next(result) {
      const cursor = Object.values(result.data ?? {})[0]?.cursor;
      if (hasAfter && typeof cursor === "string") payload.variables = { ...payload.variables, after: cursor };
      if (!isOver) observer.next(result);
    },
    error: (error) => end(() => observer.error(described(error))),
    complete: () => end(() => observer.complete()),
  });
  return () => end(stop);
}

/** Returns a client that connects anew, with the token of that moment, until the server rejects the token. */
function clientFor(headers) {
  const url = new URL(ADDRESS, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return createClient({
    url: url.href,
    connectionParams: () => Object.fromEntries(authorized(headers)),
    connectionAckWaitTimeout: ACKNOWLEDGED_WITHIN,
    keepAlive: PING_EVERY,
    retryAttempts: Infinity,
    retryWait: (attempts) => waited(Math.random() * Math.min(LONGEST_WAIT, 1000 * 2 ** attempts)),
    shouldRetry: ({ code }) => code !== FORBIDDEN,
  });
}

function waited(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Returns the errors of a subscription, or an error that describes why the connection ended. */
function described(error) {
  if (Array.isArray(error)) return error;
  const message = error.reason || error.message || "The connection to the server failed.";
  return error.code ? { message, closeCode: error.code } : { message };
}
