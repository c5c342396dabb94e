import { parse } from "graphql";

import { accessToken } from "./session.js";

const ADDRESS = "/graphql";
const ANSWERS = "application/graphql-response+json, application/json;q=0.9";

/** Sends one operation and resolves to its response. Headers of the tab have precedence, including the token. */
export async function ask(operation, { headers = {} } = {}) {
  const sent = new Headers({ Accept: ANSWERS, "Content-Type": "application/json" });
  const token = accessToken();
  if (token) sent.set("Authorization", `Bearer ${token}`);
  Object.entries(headers).forEach(([name, value]) => sent.set(name, value));
  const body = JSON.stringify({ ...operation, operationName: nameOf(operation) });
  const response = await fetch(ADDRESS, { method: "POST", headers: sent, body });
  return response.json();
}

/** Returns the operation's name. GraphiQL updates it after 100 ms, so a document with one operation decides by itself. */
function nameOf({ query, operationName }) {
  const operations = operationsOf(query);
  return operations.length === 1 ? operations[0].name?.value : operationName;
}

/** Returns the operations of a document; none if it is malformed, because the server reports the error. */
export function operationsOf(query) {
  try {
    return parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  } catch {
    return [];
  }
}
