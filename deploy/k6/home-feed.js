// Opens the home screen of a random account: k6 run deploy/k6/home-feed.js

import { constantRate, send, signIn } from './bff.js';
import { HOME } from './documents.js';

export const options = {
  scenarios: { home: constantRate(20) },
  thresholds: {
    checks: ['rate>0.999'],
    dropped_iterations: ['count==0'],
    'http_req_duration{name:Home}': ['p(95)<250', 'p(99)<1000'],
  },
};

export function setup() {
  return { sessions: signIn() };
}

export default function home({ sessions }) {
  send('Home', HOME, { feedFirst: 20 }, sessions[Math.floor(Math.random() * sessions.length)]);
}
