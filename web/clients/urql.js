// Tests urql and its normalized cache with the configuration of examples/urql.
import * as graphql from 'graphql'
import { createJiti } from 'jiti'
import { gql } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'

import { assert, bodies, example, feature, given, operation, watch } from './report.js'
import { comesBack, lasting, sessionWith, socketOf, take } from './streams.js'

const { cache, createUrqlClient, trusted } = await example('urql/client.js')
const { Session } = await example('session.js')

const embedded = Object.fromEntries(['Event', 'Friend', 'Person'].map((type) => [type, () => null]))
const app = { name: 'web', version: '1.2.3' }
const document = (name) => gql(operation(name, graphql))
const sdl = await (await fetch(new URL('/schema.graphql', given.url))).text()
const schema = graphql.introspectionFromSchema(graphql.buildSchema(sdl))
const create = (options) =>
  createUrqlClient({ url: given.url, session: sessionWith(given.token), app, store: cache(schema), ...options })
const onStage = (options) =>
  create({ url: given.stage, session: sessionWith(lasting), store: cacheExchange({ keys: embedded }), ...options })
const client = create()

/** Returns the fetched data, if there are no errors. */
async function fetched(source) {
  const { data, error } = await source.toPromise()
  assert.equal(error, undefined)
  return data
}

await feature('query', async () => {
  const { user } = await fetched(client.query(document('Profile'), { handle: 'ben', first: 2 }))
  assert.equal(user.name, 'Ben Okafor')
  assert.equal(user.posts.edges.length, 2)
})

await feature('mutation', async () => {
  const publish = async (body) => (await fetched(client.mutation(document('PublishPost'), { input: { body } }))).publishPost
  assert.equal((await publish('From urql')).post.body, 'From urql')
  const { __typename, field } = await publish('')
  assert.deepEqual([__typename, field], ['InvalidInputProblem', 'input.body'])
})

await feature('errors', async () => {
  const query = gql`query Both { user(handle: "ben") { id name } node(id: "nothing") { id } }`
  const { data, error } = await client.query(query, {}).toPromise()
  assert.equal(data.user.name, 'Ben Okafor')
  assert.equal(error.graphQLErrors[0].extensions.code, 'BAD_USER_INPUT')
})

await feature('pages', async () => {
  const page = (after) => fetched(client.query(document('FeedPage'), { first: 2, after }))
  const first = (await page()).viewer.feed
  const { feed } = (await page(first.pageInfo.endCursor)).viewer
  assert.equal(new Set(feed.edges.map(({ node }) => node.id)).size, 4)
  assert.notEqual(feed.pageInfo.endCursor, first.pageInfo.endCursor)
})

await feature('node', async () => {
  const { viewer } = await fetched(client.query(document('FeedPage'), { first: 1 }))
  const { id } = viewer.feed.edges[0].node
  const thread = async (options) => (await fetched(client.query(document('Thread'), { postId: id }, options))).node
  const { likedByViewer } = await thread()
  await fetched(client.mutation(document(likedByViewer ? 'UnlikePost' : 'LikePost'), { input: { postId: id } }))
  assert.equal((await thread({ requestPolicy: 'cache-only' })).likedByViewer, !likedByViewer)
})

await feature('refresh', async () => {
  const session = new Session(given.url, given.ended, { app })
  const { viewer } = await fetched(create({ session }).query(gql`query Mine { viewer { id email } }`, {}))
  assert.equal(viewer.email, 'ana@example.com')
  assert.notEqual(session.tokens.accessToken, given.ended.accessToken)
})

/** Sends the same query twice, each time with a new client and an empty cache. */
async function sentTwice(query, persisted) {
  const seen = watch()
  for (let times = 0; times < 2; times++) {
    const { viewer } = await fetched(create({ persisted }).query(query, {}))
    assert.equal(viewer.email, 'ana@example.com')
  }
  return seen
}

await feature('apq', async () => {
  const seen = await sentTwice(gql`query ByPost { viewer { id email } }`)
  assert.deepEqual(bodies(seen).map((body) => 'query' in body), [false, true, false])
})

await feature('apq-get', async () => {
  const seen = await sentTwice(gql`query ByGet { viewer { id email } }`, { preferGetForPersistedQueries: 'force' })
  assert.deepEqual(seen.map(({ method }) => method), ['GET', 'GET', 'GET'])
  assert.deepEqual(seen.map(({ url }) => new URL(url).searchParams.has('query')), [false, true, false])
})

await feature('trusted', async () => {
  const generated = await createJiti(import.meta.url).import(given.generated)
  const { ProfileDocument, PublishPostDocument } = generated
  const seen = watch()
  const strict = create({
    app: { name: 'strict', version: '1.2.3' },
    persisted: trusted(generated),
  })
  assert.equal((await fetched(strict.query(ProfileDocument, { handle: 'chi' }))).user.handle, 'chi')
  const { publishPost } = await fetched(strict.mutation(PublishPostDocument, { input: { body: 'Known' } }))
  assert.equal(publishPost.post.body, 'Known')
  assert.deepEqual(bodies(seen).map((body) => 'query' in body), [false, false])
})

await feature('name', async () => {
  const query = gql`query Unlisted { viewer { id } }`
  await fetched(create().query(query, {}))
  const strict = create({ app: { name: 'strict', version: '1.2.3' } })
  const { error } = await strict.query(query, {}).toPromise()
  assert.equal(error.graphQLErrors[0].extensions.code, 'PERSISTED_QUERY_NOT_IN_LIST')
})

await feature('upload', async () => {
  const fetchOptions = { headers: { 'graphql-require-preflight': '1' } }
  const file = new File(['hello'], 'hello.txt', { type: 'text/plain' })
  const sending = onStage({ fetchOptions }).mutation(gql`mutation Send($file: Upload!) { send(file: $file) }`, { file })
  assert.equal((await fetched(sending)).send, 'hello.txt: hello')
})

await feature('abort', async () => {
  const stage = onStage()
  const seen = watch()
  const { unsubscribe } = stage.query(gql`query Later { later }`, {}).subscribe(() => assert.fail('it was left'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  unsubscribe()
  assert.equal(seen[0].signal.aborted, true)
  assert.equal((await fetched(stage.query(gql`query Hello { hello }`, {}))).hello, 'world')
})

/** Converts a source of urql to an observable. */
const observable = (source) => ({ subscribe: ({ next }) => source.subscribe(next) })
const COUNT = gql`subscription Count { count(to: 2) { number viewer } }`
const numbers = (results) => results.map(({ data }) => data.count.number)

await feature('sse', async () => {
  const seen = watch()
  assert.deepEqual(numbers(await take(observable(onStage().subscription(COUNT, {})), 2)), [0, 1])
  assert.match(seen[0].headers.get('accept'), /text\/event-stream/)
})

await feature('ws', async () => {
  const socket = socketOf(sessionWith(lasting))
  assert.deepEqual(numbers(await take(observable(onStage({ socket }).subscription(COUNT, {})), 2)), [0, 1])
  await socket.dispose()
})

await feature('defer', async () => {
  const query = gql`
    query Person { person { name ...Later @defer(label: "later") } }
    fragment Later on Person { nickname friends { name nickname } }
  `
  const results = await take(observable(onStage().query(query, {})), 2)
  assert.deepEqual(results.map(({ hasNext }) => hasNext), [true, false])
  assert.equal(results[0].data.person.nickname, undefined)
  assert.equal(results[1].data.person.nickname, 'An')
  assert.deepEqual(results[1].data.person.friends.map(({ nickname }) => nickname), ['Be', 'Ch'])
})

const FOREVER = gql`subscription Forever { forever { number viewer } }`
const listen = (socket, heard) => onStage({ socket }).subscription(FOREVER, {}).subscribe(heard.next)

await feature('reconnect', () => comesBack('sign out', listen))
await feature('drain', () => comesBack('restart', listen))
process.exit()
