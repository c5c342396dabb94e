// Tests examples/session.js with each response to an exchange of tokens.
import { ask, assert, example, feature, given, watch } from './report.js'

const { Session } = await example('session.js')
const app = { name: 'web', version: '1.2.3' }
const { accessToken, refreshToken } = given.ended

await feature('name', async () => {
  const seen = watch()
  const session = new Session(given.url, { accessToken, refreshToken: given.unknown }, { app })
  assert.equal(await session.refresh(), false)
  assert.equal(session.tokens, null)
  assert.deepEqual(seen.map(({ headers }) => headers.get('graphql-client-name')), ['web'])
  assert.deepEqual(session.headers, {})
})

const session = new Session(given.url, { accessToken, refreshToken }, { app })

await feature('away', async () => {
  await ask('stall')
  const refreshed = session.refresh()
  await ask('resume')
  assert.equal(await refreshed, true)
  assert.notEqual(session.tokens.refreshToken, refreshToken)
})

await feature('gone', async () => {
  const kept = session.tokens
  session.url = 'http://127.0.0.1:1/graphql'
  assert.equal(await session.refresh(), false)
  assert.equal(session.tokens, kept)
  session.url = given.url
})

await feature('trusted', async () => {
  const strict = new Session(given.url, session.tokens, {
    app: { name: 'strict', version: '1.2.3' },
    document: { documentId: given.document },
  })
  assert.equal(await strict.refresh(), true)
  session.tokens = strict.tokens
})

await feature('limited', async () => {
  await ask('limit')
  const seen = watch()
  const kept = session.tokens
  assert.equal(await session.refresh(), false)
  assert.equal(await session.refresh(), false)
  assert.equal(session.tokens, kept)
  assert.equal(seen.length, 1, 'it asks no more before the time is over')
})

process.exit()
