import { ask } from "./ask.js";

const LOG_IN = `mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    ... on LogInSuccess { session { accessToken expiresAt } user { handle name } }
    ... on Problem { message }
  }
}`;

const DEVICE = { name: "GraphiQL", platform: "WEB", appVersion: "0" };

/** Signs in a demo user and resolves to the session; rejects with a message for the user. */
export async function signIn({ email, password }) {
  const answer = await ask({
    query: LOG_IN,
    operationName: "LogIn",
    variables: { input: { email, password, device: DEVICE } },
  });
  const result = answer.data?.logIn;
  if (!result?.session) {
    throw new Error(answer.errors?.[0].message ?? result?.message ?? "The server sent no response.");
  }
  return { ...result.user, ...result.session };
}
