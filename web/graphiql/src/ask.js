import { parse } from "graphql";

import { accessToken } from "./session.js";

const ADDRESS = "/graphql";
const ANSWERS = "application/graphql-response+json, application/json;q=0.9";

/** Sends one operation and resolves to its answer. Headers that a tab brings win over ours, the token included. */
export async function ask(operation, { headers = {} } = {}) {
  const sent = new Headers({ Accept: ANSWERS, "Content-Type": "application/json" });
  const token = accessToken();
  if (token) sent.set("Authorization", `Bearer ${token}`);
  Object.entries(headers).forEach(([name, value]) => sent.set(name, value));
  const body = JSON.stringify({ ...operation, operationName: nameOf(operation) });
  const response = await fetch(ADDRESS, { method: "POST", headers: sent, body });
  return response.json();
}

/** GraphiQL learns of another tab's operation 100 ms late; where a document has one operation, that one is meant. */
function nameOf({ query, operationName }) {
  const operations = operationsOf(query);
  return operations.length === 1 ? operations[0].name?.value : operationName;
}

/** The operations of a document; none if it is malformed: what is wrong with it is the server's to say. */
export function operationsOf(query) {
  try {
    return parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  } catch {
    return [];
  }
}
