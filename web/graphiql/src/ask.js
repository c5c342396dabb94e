import { parse } from "graphql";

import { authorized } from "./session.js";
import { subscribe } from "./subscribe.js";

const ADDRESS = "/graphql";
const ANSWERS = "application/graphql-response+json, application/json;q=0.9";

/** Sends one operation and resolves to its response, or for a subscription to an observable of its results. */
export async function ask({ query, variables, operationName }, { headers = {} } = {}) {
  const definition = definitionOf(query, operationName);
  const operation = { query, variables, operationName: definition ? definition.name?.value : operationName };
  if (definition?.operation === "subscription") return subscribe(operation, definition, headers);
  const sent = authorized({ Accept: ANSWERS, "Content-Type": "application/json", ...headers });
  const response = await fetch(ADDRESS, { method: "POST", headers: sent, body: JSON.stringify(operation) });
  return response.json();
}

/** Returns the operation to run. GraphiQL updates its name after 100 ms, so a single operation needs no name. */
function definitionOf(query, operationName) {
  const operations = operationsOf(query);
  return operations.length === 1 ? operations[0] : operations.find(({ name }) => name?.value === operationName);
}

/** Returns the operations of a document; none if it is malformed, because the server reports the error. */
export function operationsOf(query) {
  try {
    return parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  } catch {
    return [];
  }
}
