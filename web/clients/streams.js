// Shared code for subscriptions.
import { WebSocket } from 'ws'

import { ask, assert, example, given } from './report.js'

/** Browsers provide it, and Node from version 22 on. */
globalThis.WebSocket ??= WebSocket

const { createSocket } = await example('socket.js')

/** Tokens of two devices. The first one is signed out when a program requests it. */
export const [ending, lasting] = given.tokens

/** Returns a session with these tokens; a refresh takes the next one. */
export const sessionWith = (...tokens) => ({
  get headers() {
    return tokens.length ? { Authorization: `Bearer ${tokens[0]}` } : {}
  },
  refresh: async () => {
    tokens.shift()
    return tokens.length > 0
  },
})

export const socketOf = (session, options) =>
  createSocket({ url: given.socket, session, app: { name: 'web', version: '1.2.3' }, ...options })

/** Returns the first results of an async iterator or an RxJS-like observable. */
export function take(observable, count) {
  return new Promise((resolve, reject) => {
    const results = []
    const subscription = observable.subscribe({
      next: (result) => {
        results.push(result)
        if (results.length === count) {
          resolve(results)
          queueMicrotask(() => subscription.unsubscribe())
        }
      },
      error: reject,
      complete: () => (results.length < count ? reject(new Error(`${results.length} results`)) : resolve(results)),
    })
  })
}

/** Interrupts the WebSocket of a subscription, `listen(socket, observer)`, after which events arrive again. */
export async function comesBack(wish, listen) {
  const closed = []
  const socket = socketOf(sessionWith(...(wish === 'sign out' ? [ending, lasting] : [lasting])), {
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    on: { closed: ({ code }) => closed.push(code) },
  })
  let heard = 0
  let wake = null
  const events = (count) => new Promise((resolve) => {
    wake = () => heard >= count && resolve()
  })
  listen(socket, {
    next: () => {
      heard += 1
      wake()
    },
  })
  await events(1)
  const again = events(2)
  await ask(wish)
  await again
  // While no server listens, the close has no code.
  assert.deepEqual(closed.filter((code) => code !== 1006), [wish === 'sign out' ? 4403 : 1012])
  await socket.dispose()
}
