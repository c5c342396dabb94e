// Tests examples/limits.js: with the clients of the examples, and with scripted rejections.
import { createServer } from 'node:http'
import { HttpLink, gql } from '@apollo/client'
import { print } from 'graphql'

import { assert, example, feature, given, watch } from './report.js'

const { createFetch, PREFETCH } = await example('limits.js')
const { createApolloClient } = await example('apollo-client/client.js')
const { createUrqlClient, cache } = await example('urql/client.js')
const { createEnvironment } = await example('relay/environment.js')

const session = { headers: {}, refresh: async () => false }
const current = { name: 'web', version: '2.0.0' }
const query = gql`query Named { user(handle: "ben") { id name } }`
const text = print(query)

/** Returns a `fetch` and what it tells the app. */
function told(options) {
  const heard = []
  const send = createFetch({
    onUpgrade: (upgrade) => heard.push(['upgrade', upgrade.minimumVersion, upgrade.storeUrl]),
    onNewVersion: ({ version, storeUrl }) => heard.push(['new', version, storeUrl]),
    ...options,
  })
  return { heard, send }
}

const apollo = (send, app) =>
  createApolloClient({ url: given.url, session, app, persisted: null, http: new HttpLink({ uri: given.url, fetch: send }) })

await feature('rate', async () => {
  const seen = watch()
  const client = apollo(told().send, current)
  let data
  let sent
  do {
    const before = seen.length
    ;({ data } = await client.query({ query, errorPolicy: 'all', fetchPolicy: 'network-only' }))
    sent = seen.length - before
  } while (sent === 1 || !data) // a new document is charged later, so the second attempt may be rejected, too
  assert.deepEqual([sent, data.user.name], [2, 'Ben Okafor'])
})

await feature('upgrade', async () => {
  const seen = watch()
  const { heard, send } = told()
  const client = apollo(send, { name: 'web', version: '0.9.0' })
  for (let times = 0; times < 2; times++) {
    const { error } = await client.query({ query, errorPolicy: 'all', fetchPolicy: 'network-only' })
    assert.equal(error.errors[0].extensions.code, 'APP_UPGRADE_REQUIRED')
  }
  assert.deepEqual(heard, [['upgrade', '1.0.0', 'https://store.example/web']])
  assert.equal(seen.length, 1, 'an outdated app sends nothing more')
})

await feature('recommended', async () => {
  const { heard, send } = told()
  const client = createUrqlClient({ url: given.url, session, app: { name: 'web', version: '1.0.0' }, store: cache(), fetch: send })
  await client.query(text, {})
  await client.query(text, {}, { requestPolicy: 'network-only' })
  assert.deepEqual(heard, [['new', '1.5.0', 'https://store.example/web']])
})

/** Starts a server that sends these rejections, and then a response. Returns its URL, and the requests that it got. */
async function scripted(...rejections) {
  const headers = []
  const server = createServer((request, response) => {
    headers.push(request.headers)
    const extensions = rejections.shift()
    response.writeHead(extensions ? 503 : 200, { 'Content-Type': 'application/graphql-response+json' })
    response.end(JSON.stringify(extensions ? { errors: [{ message: 'Later', extensions }] } : { data: { user: null } }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/graphql`, headers }
}

const overloaded = { code: 'OVERLOADED', retryable: true, retryAfter: 0.01 }
const ask = (url, send, options) => send(url, { method: 'POST', body: JSON.stringify({ query: text }), ...options })

await feature('overload', async () => {
  const { url, headers } = await scripted(overloaded, overloaded, overloaded)
  assert.equal((await ask(url, told().send)).status, 200)
  assert.equal(headers.length, 4)
  const lasting = await scripted(...Array(5).fill(overloaded))
  assert.equal((await ask(lasting.url, told().send)).status, 503)
  assert.equal(lasting.headers.length, 4, 'it stops after four attempts')
})

await feature('pause', async () => {
  const { url, headers } = await scripted({ ...overloaded, retryAfter: 31 }, { code: 'UNAVAILABLE', retryable: true })
  assert.equal((await ask(url, told().send)).status, 503)
  assert.equal((await ask(url, told().send)).status, 503)
  assert.equal(headers.length, 2)
  const aborted = await scripted({ ...overloaded, retryAfter: 20 })
  const signal = AbortSignal.timeout(50)
  await assert.rejects(ask(aborted.url, told().send, { signal }), { name: 'TimeoutError' })
})

await feature('prefetch', async () => {
  const { url, headers } = await scripted(overloaded)
  const environment = createEnvironment({ url, session, app: current, fetch: told().send })
  const request = { text, name: 'Named', operationKind: 'query', id: null }
  const prefetched = environment.getNetwork().execute(request, {}, { metadata: { prefetch: true } })
  assert.equal((await prefetched.toPromise()).errors[0].extensions.code, 'OVERLOADED')
  await ask(url, told().send, { headers: PREFETCH })
  assert.deepEqual(headers.map(({ purpose }) => purpose), ['prefetch', 'prefetch'])
})

process.exit()
