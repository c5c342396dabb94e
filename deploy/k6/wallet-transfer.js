// Sends the smallest amount from each account to the next one: k6 run deploy/k6/wallet-transfer.js
//
// One key stands for one intention to pay. A request whose outcome is not known is repeated with its key, as apps do, so
// money moves once. A share of requests (REPLAYS) is repeated although it succeeded: the same payment has to come back.

import { check, fail, sleep } from 'k6';
import { Counter } from 'k6/metrics';
import exec from 'k6/execution';

import { constantRate, send, signIn } from './bff.js';
import { SEND_PAYMENT, WALLET } from './documents.js';

const REPLAYS = Number(__ENV.REPLAYS || 0.1);
const MAX_ATTEMPTS = 3;
const paid = new Counter('payments_sent');
const unknown = new Counter('payments_of_unknown_outcome');

export const options = {
  scenarios: { transfers: constantRate(10) },
  thresholds: {
    checks: ['rate>0.999'],
    payments_of_unknown_outcome: ['count==0'],
    'http_req_duration{name:SendPayment}': ['p(95)<250', 'p(99)<1000'],
  },
};

export function setup() {
  const accounts = signIn().map((session) => {
    const body = send('WalletScreen', WALLET, { first: 1 }, session);
    if (!body || !body.data || body.errors) {
      fail(`a wallet cannot be read: ${JSON.stringify(body)}`);
    }
    return { ...session, currency: body.data.viewer.wallet.currency };
  });
  // Keys of different runs differ, so no run receives the payments of an earlier one.
  return { accounts, run: `${Date.now()}-${Math.random().toString(36).slice(2)}` };
}

// Pays with a key until the outcome is known. Returns the result, or null.
function pay(input, session) {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const body = send('SendPayment', SEND_PAYMENT, { input }, session);
    const result = body && body.data && body.data.sendPayment;
    if (result && result.code !== 'IDEMPOTENCY_IN_PROGRESS') {
      return result;
    }
    sleep(Math.random() * 2 ** attempt);
  }
  unknown.add(1);
  return null;
}

export default function transfer({ accounts, run }) {
  const number = exec.scenario.iterationInTest;
  const sender = accounts[number % accounts.length];
  const recipient = accounts[(number + 1) % accounts.length];
  const amount = { minorUnits: '1', currency: sender.currency };
  const input = { recipientId: recipient.userId, amount, idempotencyKey: `${run}-${number}` };
  const result = pay(input, sender);
  if (result === null) {
    return;
  }
  if (!check(result, { 'the payment succeeds': (it) => it.__typename === 'SendPaymentSuccess' })) {
    return;
  }
  paid.add(1);
  if (Math.random() < REPLAYS) {
    const again = pay(input, sender);
    check(again, {
      'a repetition moves no money': (it) => it !== null && it.replayed && it.payment.id === result.payment.id,
    });
  }
}
