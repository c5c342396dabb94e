// Tests the reference client of web/live-client.
import { WebSocket } from 'ws'

import { createLiveClient } from '../live-client/dist/live-client.js'
import { ask, assert, example, given } from './report.js'
import { app, collected, liveCursor, liveFeature, receivesAll, session, VIEWER_EVENTS } from './live.js'

const create = (options) =>
  createLiveClient({ url: given.socket, token: async () => given.token, webSocketImpl: WebSocket, pauses: [50, 500], ...options })

const EXAMPLE = { session, app, webSocketImpl: WebSocket }

/** Follows the events of ana. Nothing but events may arrive. */
const follow = (client) => (after, event) =>
  client.follow({ query: VIEWER_EVENTS }, after, { event, reset: assert.fail, end: assert.ifError })

await liveFeature('resume', async () => {
  const client = create()
  await receivesAll(follow(client))
  client.dispose()
})

/** The first connection falls silent, and delivers later what was received over the second one already. */
async function fallsSilent(follow, first) {
  const { received, next } = collected()
  follow(await liveCursor(), next)
  await ask('append')
  await received(250, first)
  await ask('strand')
  await received(500, first)
  await ask('talk')
  await ask('append')
  await received(750, first)
}

await liveFeature('silence', async () => {
  const client = create({ heartbeat: 1000 })
  await fallsSilent(follow(client), 1000)
  client.dispose()
})

await liveFeature('token', async () => {
  const asked = []
  const token = async (isRejected) => {
    asked.push(isRejected)
    if (asked.length === 2) throw new Error('no server is available to exchange tokens')
    return given.tokens[isRejected ? 1 : 0]
  }
  const client = create({ token })
  const { received, next } = collected()
  follow(client)(await liveCursor(), next)
  await ask('append')
  await received(250, 1750)
  await ask('revoke')
  await received(500, 1750)
  assert.deepEqual(asked, [false, true, true])
  client.dispose()
})

await liveFeature('reset', async () => {
  const client = create()
  const { received, next } = collected()
  const after = await liveCursor()
  for (let times = 0; times < 5; times++) await ask('append')
  const reset = await new Promise((resolve) => {
    client.follow({ query: VIEWER_EVENTS }, after, { event: next, reset: resolve, end: assert.ifError })
  })
  assert.equal(reset.event.reason, 'TOO_OLD')
  await ask('append')
  await received(250, 3500)
  client.dispose()
})

const { createSocket } = await example('socket.js')

await liveFeature('example', async () => {
  const socket = createSocket({ ...EXAMPLE, url: given.socket, firstPause: 50, heartbeat: 1000 })
  await fallsSilent((after, next) => {
    const sink = { next: ({ data }) => next(data.viewerEvents), error: assert.fail, complete: () => {} }
    socket.subscribe({ query: VIEWER_EVENTS, variables: { after } }, sink)
  }, 3750)
  await socket.dispose()
})
process.exit()
