// Tests Apollo Client with the configuration of examples/apollo-client.
import { readFileSync } from 'node:fs'
import * as graphql from 'graphql'
import { gql } from '@apollo/client'
import { Defer20220824Handler } from '@apollo/client/incremental'
import { BatchHttpLink } from '@apollo/client/link/batch-http'
import { generatePersistedQueryIdsFromManifest } from '@apollo/persisted-query-lists'
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs'

import { assert, bodies, example, feature, given, operation, watch } from './report.js'
import { comesBack, lasting, socketOf, sessionWith, take } from './streams.js'

const { createApolloClient } = await example('apollo-client/client.js')
const { Session } = await example('session.js')

const app = { name: 'web', version: '1.2.3' }
const document = (name) => gql(operation(name, graphql))
const create = (options) => createApolloClient({ url: given.url, session: sessionWith(given.token), app, ...options })
const onStage = (options) => create({ url: given.stage, session: sessionWith(lasting), persisted: null, ...options })
const client = create()

await feature('query', async () => {
  const { data } = await client.query({ query: document('Profile'), variables: { handle: 'ben', first: 2 } })
  assert.equal(data.user.name, 'Ben Okafor')
  assert.equal(data.user.posts.edges.length, 2)
})

await feature('mutation', async () => {
  const mutation = document('PublishPost')
  const publish = async (body) => (await client.mutate({ mutation, variables: { input: { body } } })).data.publishPost
  assert.equal((await publish('From Apollo Client')).post.body, 'From Apollo Client')
  const { __typename, field } = await publish('')
  assert.deepEqual([__typename, field], ['InvalidInputProblem', 'input.body'])
})

await feature('errors', async () => {
  const query = gql`query Both { user(handle: "ben") { id name } node(id: "nothing") { id } }`
  const { data, error } = await client.query({ query, errorPolicy: 'all' })
  assert.equal(data.user.name, 'Ben Okafor')
  assert.equal(error.errors[0].extensions.code, 'BAD_USER_INPUT')
})

await feature('pages', async () => {
  const page = { query: document('FeedPage'), variables: { first: 2 } }
  const watched = client.watchQuery(page)
  const subscription = watched.subscribe(() => {})
  const { data } = await watched.refetch()
  await watched.fetchMore({ variables: { after: data.viewer.feed.pageInfo.endCursor } })
  subscription.unsubscribe()
  const { feed } = client.readQuery(page).viewer
  assert.equal(new Set(feed.edges.map(({ node }) => node.id)).size, 4)
  assert.notEqual(feed.pageInfo.endCursor, data.viewer.feed.pageInfo.endCursor)
})

await feature('node', async () => {
  const { data } = await client.query({ query: document('FeedPage'), variables: { first: 1 } })
  const { id } = data.viewer.feed.edges[0].node
  const thread = { query: document('Thread'), variables: { postId: id } }
  await client.query(thread)
  const before = client.readQuery(thread).node
  const mutation = document(before.likedByViewer ? 'UnlikePost' : 'LikePost')
  await client.mutate({ mutation, variables: { input: { postId: id } } })
  assert.equal(client.readQuery(thread).node.likedByViewer, !before.likedByViewer)
})

await feature('refresh', async () => {
  const session = new Session(given.url, given.ended, { app })
  const { data } = await create({ session }).query({ query: gql`query Mine { viewer { id email } }` })
  assert.equal(data.viewer.email, 'ana@example.com')
  assert.notEqual(session.tokens.accessToken, given.ended.accessToken)
})

/** Sends the same query twice, each time with a new client and an empty cache. */
async function sentTwice(query, persisted) {
  const seen = watch()
  for (let times = 0; times < 2; times++) {
    const { data } = await create({ persisted }).query({ query })
    assert.equal(data.viewer.email, 'ana@example.com')
  }
  return seen
}

await feature('apq', async () => {
  const { sha256 } = await example('apollo-client/client.js')
  const seen = await sentTwice(gql`query ByPost { viewer { id email } }`, { sha256 })
  assert.deepEqual(bodies(seen).map((body) => 'query' in body), [false, true, false])
})

await feature('apq-get', async () => {
  const seen = await sentTwice(gql`query ByGet { viewer { id email } }`)
  assert.deepEqual(seen.map(({ method }) => method), ['GET', 'POST', 'GET'])
})

const strict = { name: 'strict', version: '1.2.3' }
const manifest = JSON.parse(readFileSync(given.manifest))
const trusted = create({
  app: strict,
  persisted: generatePersistedQueryIdsFromManifest({ loadManifest: async () => manifest }),
})

await feature('trusted', async () => {
  const seen = watch()
  const { data } = await trusted.query({ query: document('Profile'), variables: { handle: 'chi' } })
  assert.equal(data.user.handle, 'chi')
  assert.deepEqual(bodies(seen).map((body) => 'query' in body), [false])
  const mutation = await trusted.mutate({ mutation: document('PublishPost'), variables: { input: { body: 'Known' } } })
  assert.equal(mutation.data.publishPost.post.body, 'Known')
})

await feature('name', async () => {
  const query = gql`query Unlisted { viewer { id } }`
  assert.equal((await create().query({ query })).data.viewer.id !== undefined, true)
  const { error } = await create({ app: strict }).query({ query, errorPolicy: 'all' })
  assert.equal(error.errors[0].extensions.code, 'PERSISTED_QUERY_NOT_IN_LIST')
})

await feature('batch', async () => {
  const seen = watch()
  const batching = create({ persisted: null, http: new BatchHttpLink({ uri: given.url }) })
  const asked = ['ben', 'chi'].map((handle) =>
    batching.query({ query: gql`query Name($handle: String!) { user(handle: $handle) { id handle } }`, variables: { handle } }),
  )
  assert.deepEqual((await Promise.all(asked)).map(({ data }) => data.user.handle), ['ben', 'chi'])
  assert.deepEqual(bodies(seen).map((body) => body.length), [2])
})

await feature('upload', async () => {
  const http = new UploadHttpLink({ uri: given.stage, headers: { 'Apollo-Require-Preflight': 'true' } })
  const file = new File(['hello'], 'hello.txt', { type: 'text/plain' })
  const mutation = gql`mutation Send($file: Upload!) { send(file: $file) }`
  const { data } = await onStage({ http }).mutate({ mutation, variables: { file } })
  assert.equal(data.send, 'hello.txt: hello')
})

await feature('abort', async () => {
  const stage = onStage()
  const aborter = new AbortController()
  const asked = stage.query({ query: gql`query Later { later }`, context: { fetchOptions: { signal: aborter.signal } } })
  setTimeout(() => aborter.abort(), 50)
  await assert.rejects(asked, { name: 'AbortError' })
  assert.equal((await stage.query({ query: gql`query Hello { hello }` })).data.hello, 'world')
})

const COUNT = { query: gql`subscription Count { count(to: 2) { number viewer } }` }
const numbers = (results) => results.map(({ data }) => data.count.number)

await feature('multipart', async () => {
  assert.deepEqual(numbers(await take(onStage().subscribe(COUNT), 2)), [0, 1])
})

await feature('ws', async () => {
  const socket = socketOf(sessionWith(lasting))
  assert.deepEqual(numbers(await take(onStage({ socket }).subscribe(COUNT), 2)), [0, 1])
  await socket.dispose()
})

const PERSON = gql`
  query Person { person { name ...Later @defer(label: "later") } }
  fragment Later on Person { nickname friends { name nickname } }
`
const LATER = { nickname: 'An', friends: [{ name: 'Ben', nickname: 'Be' }, { name: 'Chi', nickname: 'Ch' }] }

async function deferred(incremental) {
  const seen = watch()
  const watched = onStage({ incremental }).watchQuery({ query: PERSON, notifyOnNetworkStatusChange: false })
  const results = await take(watched, 2)
  const person = JSON.parse(JSON.stringify(results.at(-1).data.person, (key, value) => (key === '__typename' ? undefined : value)))
  assert.deepEqual(person, { name: 'Ana', ...LATER })
  return seen[0].headers.get('accept')
}

await feature('defer', async () => {
  assert.match(await deferred(), /^multipart\/mixed;incrementalSpec=v0.2/)
})

await feature('defer-2022', async () => {
  assert.match(await deferred(new Defer20220824Handler()), /^multipart\/mixed;deferSpec=20220824/)
})

const FOREVER = gql`subscription Forever { forever { number viewer } }`
const listen = (socket, heard) => onStage({ socket }).subscribe({ query: FOREVER }).subscribe(heard)

await feature('reconnect', () => comesBack('sign out', listen))
await feature('drain', () => comesBack('restart', listen))
process.exit()
