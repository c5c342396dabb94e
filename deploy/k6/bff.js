// What the scenarios share: options from the environment, accounts, and GraphQL over HTTP. See docs/load-testing.md.

import http from 'k6/http';
import { check, fail } from 'k6';
import { SharedArray } from 'k6/data';

import { LOG_IN } from './documents.js';

export const BASE_URL = __ENV.BASE_URL || 'http://127.0.0.1:8000';
const GRAPHQL_URL = `${BASE_URL}/graphql`;
const APP = {
  'apollographql-client-name': __ENV.APP || 'load-test',
  'apollographql-client-version': __ENV.APP_VERSION || '1.0.0',
};

// A list of {"email": …, "password": …}. The default are the demo users of `bff seed`.
const ACCOUNTS = new SharedArray('accounts', () =>
  __ENV.ACCOUNTS
    ? JSON.parse(open(__ENV.ACCOUNTS))
    : ['ana', 'ben', 'chi', 'dia'].map((name) => ({ email: `${name}@example.com`, password: `open-sesame-${name}` })),
);

// The rate does not depend on how fast the servers answer, as with users who do not know of each other.
export function constantRate(rate) {
  const perSecond = Number(__ENV.RATE || rate);
  return {
    executor: 'constant-arrival-rate',
    rate: perSecond,
    timeUnit: '1s',
    duration: __ENV.DURATION || '1m',
    preAllocatedVUs: Math.max(10, perSecond),
    maxVUs: Math.max(100, 10 * perSecond),
  };
}

export function headersOf(session) {
  const caller = session ? { Authorization: `Bearer ${session.token}` } : {};
  return { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json', ...APP, ...caller };
}

export function payload(operation, query, variables) {
  return JSON.stringify({ query, variables, operationName: operation });
}

// Parameters of a request. k6 groups its figures by the tag `name`.
export function parameters(operation, session) {
  return { headers: headersOf(session), tags: { name: operation }, timeout: '15s' };
}

// Returns the response as an object, or null if it is not JSON: a proxy or a lost connection.
export function read(response) {
  try {
    return response.json();
  } catch (_error) {
    return null;
  }
}

// Sends an operation, and checks that it has data and no errors. Returns the body, or null.
export function send(operation, query, variables, session) {
  const body = read(http.post(GRAPHQL_URL, payload(operation, query, variables), parameters(operation, session)));
  check(body, { [`${operation} has no errors`]: (it) => it !== null && Boolean(it.data) && !it.errors });
  return body;
}

// The same without waiting for the response, for code that also handles events.
export async function sendAsync(operation, query, variables, session) {
  const body = payload(operation, query, variables);
  return read(await http.asyncRequest('POST', GRAPHQL_URL, body, parameters(operation, session)));
}

// Signs all accounts in. Called once, in `setup`: hashing passwords must not be part of what is measured.
export function signIn() {
  return ACCOUNTS.map(({ email, password }) => {
    const device = { name: 'k6', platform: 'IOS', appVersion: APP['apollographql-client-version'] };
    const body = send('LogIn', LOG_IN, { input: { email, password, device } }, null);
    const result = body && body.data && body.data.logIn;
    if (!result || result.__typename !== 'LogInSuccess') {
      fail(`${email} cannot sign in: ${JSON.stringify(body)}`);
    }
    return { token: result.session.accessToken, userId: result.user.id };
  });
}
