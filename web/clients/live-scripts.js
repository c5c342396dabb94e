// Tests the reference client and the WebSocket of the examples with servers whose answers are given.
import { WebSocket } from 'ws'

import { createLiveClient } from '../live-client/dist/live-client.js'
import { ask, assert, example, given } from './report.js'
import { app, liveFeature, session, VIEWER_EVENTS } from './live.js'

const { createSocket } = await example('socket.js')

// Too long for a test: then only the hint of the server says when to connect again.
const NEVER = 1e9
const FAILED = [{ message: 'Failed', extensions: { retryable: false } }]

async function client(script, [first, longest], cursors) {
  const client = createLiveClient({ url: given.scripts[script], token: async () => '', webSocketImpl: WebSocket, pauses: [first, longest] })
  const received = []
  const ended = await new Promise((end) => {
    const event = ({ cursor }) => received.push(cursor)
    client.follow({ query: VIEWER_EVENTS }, 'start', { event, reset: assert.fail, end })
  })
  assert.deepEqual([received, ended], [cursors, FAILED])
  await ask(`complete ${script}`)
  client.dispose()
}

await liveFeature('hint', () => client(0, [NEVER, NEVER], ['a', 'b', 'c']))
await liveFeature('failure', () => client(1, [50, 100], ['a', 'b']))

async function socket(script, [firstPause, longestPause], cursors) {
  const options = { session, app, webSocketImpl: WebSocket, firstPause, longestPause }
  const socket = createSocket({ url: given.scripts[script], ...options })
  const received = []
  await new Promise((complete) => {
    const next = ({ data, errors }) => {
      if (data) return received.push(data.viewerEvents.cursor)
      assert.deepEqual(errors, FAILED)
      stop()
    }
    const stop = socket.subscribe({ query: VIEWER_EVENTS, variables: { after: 'start' } }, { next, error: assert.fail, complete })
  })
  assert.deepEqual(received, cursors)
  await ask(`complete ${script}`)
  await socket.dispose()
}

await liveFeature('example hint', () => socket(2, [NEVER, NEVER], ['a', 'a', 'b', 'b', 'c']))
await liveFeature('example failure', () => socket(3, [50, 100], ['a', 'b']))
process.exit()
