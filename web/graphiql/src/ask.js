import { accessToken } from "./session.js";

const ADDRESS = "/graphql";
const ANSWERS = "application/graphql-response+json, application/json;q=0.9";

/** Sends one operation and resolves to its answer. Headers that a tab brings win over ours, the token included. */
export async function ask(operation, { headers = {} } = {}) {
  const sent = new Headers({ Accept: ANSWERS, "Content-Type": "application/json" });
  const token = accessToken();
  if (token) sent.set("Authorization", `Bearer ${token}`);
  Object.entries(headers).forEach(([name, value]) => sent.set(name, value));
  const response = await fetch(ADDRESS, { method: "POST", headers: sent, body: JSON.stringify(operation) });
  return response.json();
}
