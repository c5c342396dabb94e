// Shared code for subscriptions to live updates: a screen of ana that misses no event.
import * as graphql from 'graphql'

import { ask, assert, feature, given, operation } from './report.js'

/** Milliseconds in which many events arrive on a busy machine. */
const LONGEST = 100_000

export const liveFeature = (name, run) => feature(name, run, LONGEST)

export const app = { name: 'web', version: '1.2.3' }
export const session = { headers: { Authorization: `Bearer ${given.token}` }, refresh: async () => false }
export const VIEWER_EVENTS = operation('ViewerEvents', graphql)

/** Returns the position of ana. */
export async function liveCursor() {
  const headers = { 'Content-Type': 'application/json', ...session.headers }
  const body = JSON.stringify({ query: '{ viewer { liveCursor } }' })
  const { data } = await (await fetch(given.url, { method: 'POST', headers, body })).json()
  return data.viewer.liveCursor
}

const number = ({ occurredAt }) => (Date.parse(occurredAt) - Date.parse(given.begin)) / 1000

/** Pauses for a moment, so that the tests do not wait long. */
export const moment = () => new Promise((resolve) => setTimeout(resolve, 20 + 80 * Math.random()))

/** Collects payloads. `received(count)` waits for so many, which have to be the events from number `first` on, in order. */
export function collected() {
  const payloads = []
  let wake = () => {}
  const next = (payload) => {
    payloads.push(payload)
    wake()
  }
  const arrived = (count) => new Promise((resolve) => {
    wake = () => payloads.length >= count && resolve()
    wake()
  })
  const received = async (count, first) => {
    await arrived(count)
    assert.deepEqual(payloads.map(number), Array.from({ length: count }, (_, index) => first + index))
  }
  return { payloads, next, arrived, received }
}

/**
 * Receives all events while the connection is lost once and the server is replaced once. `follow(after, next)` begins to
 * follow, and returns a function that ends it.
 */
export async function receivesAll(follow) {
  const { payloads, next, arrived, received } = collected()
  const stop = await follow(await liveCursor(), next)
  const part = given.events / 4
  await ask('append')
  await arrived(part / 2)
  await ask('cut')
  await arrived(1.5 * part)
  await ask('append')
  await arrived(2.5 * part)
  await ask('restart')
  await received(given.events, 0)
  await stop()
  assert.equal(new Set(payloads.map(({ cursor }) => cursor)).size, given.events)
  assert.equal(payloads.filter(({ event }) => event.post.author.handle !== 'ben').length, 0)
}
