// Tests Relay's runtime and the output of relay-compiler with the configuration of examples/relay.
import * as graphql from 'graphql'
import relay from 'relay-runtime'

import { assert, bodies, example, feature, given, operation, watch } from './report.js'
import { comesBack, lasting, sessionWith, socketOf } from './streams.js'

const { commitMutation, createOperationDescriptor, fetchQuery, getSelector, getPaginationMetadata, requestSubscription } = relay
const { createEnvironment } = await example('relay/environment.js')
const { Session } = await example('session.js')

const app = { name: 'web', version: '1.2.3' }
const artifact = async (folder, name) => (await import(`./__generated__/${folder}/${name}.graphql.js`)).default
const create = (options) =>
  createEnvironment({ url: given.url, session: sessionWith(given.token), app, socket: null, ...options })
const onStage = (options) => create({ url: given.stage, session: sessionWith(lasting), ...options })
const environment = create()

const fetched = (from, query, variables) => fetchQuery(from, query, variables, { fetchPolicy: 'network-only' }).toPromise()
const FeedQuery = await artifact('relay', 'FeedQuery')
const ThreadQuery = await artifact('relay', 'ThreadQuery')

await feature('query', async () => {
  const { viewer } = await fetched(environment, FeedQuery, { count: 2 })
  assert.equal(typeof viewer.id, 'string')
})

await feature('mutation', async () => {
  const mutation = await artifact('relay', 'LogInMutation')
  const logIn = (password) =>
    new Promise((resolve, reject) => {
      const device = { name: 'A browser', platform: 'WEB', appVersion: '1.2.3' }
      const variables = { input: { email: 'ana@example.com', password, device }, connections: [] }
      commitMutation(environment, { mutation, variables, onError: reject, onCompleted: ({ logIn }) => resolve(logIn) })
    })
  assert.equal((await logIn('open-sesame-ana')).user.name, 'Ana Lima')
  assert.deepEqual((await logIn('wrong')).code, 'INVALID_CREDENTIALS')
})

await feature('errors', async () => {
  // Relay throws if there is no data, without the errors of the response.
  await assert.rejects(fetched(environment, FeedQuery, { count: 1000 }), ({ source }) => {
    assert.equal(source.errors[0].extensions.code, 'BAD_USER_INPUT')
    return true
  })
})

/** Returns the cached page of the feed. */
async function shown(of = environment) {
  const operation = createOperationDescriptor(FeedQuery, { count: 2 })
  const { viewer } = of.lookup(operation.fragment).data
  const fragment = await artifact('relay', 'Feed_viewer')
  return { fragment, ...of.lookup(getSelector(fragment, viewer)).data }
}

await feature('pages', async () => {
  await fetched(environment, FeedQuery, { count: 2 })
  const { fragment, feed } = await shown()
  assert.equal(feed.edges.length, 2)
  const { paginationRequest, connectionPathInFragmentData } = getPaginationMetadata(fragment, 'the test')
  assert.deepEqual(connectionPathInFragmentData, ['feed'])
  await fetched(environment, paginationRequest, { count: 2, cursor: feed.pageInfo.endCursor })
  const after = (await shown()).feed
  assert.equal(new Set(after.edges.map(({ node }) => node.id)).size, 4)
})

/** Does what another device of ana does meanwhile. */
async function elsewhere(name, input) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${given.token}` }
  const body = JSON.stringify({ query: operation(name, graphql), variables: { input } })
  const { data } = await (await fetch(given.url, { method: 'POST', headers, body })).json()
  return Object.values(data)[0].post
}

await feature('node', async () => {
  const { id } = await elsewhere('PublishPost', { body: 'Before' })
  await fetched(environment, ThreadQuery, { id })
  const thread = createOperationDescriptor(ThreadQuery, { id })
  const seen = []
  const onScreen = environment.lookup(thread.fragment)
  const subscription = environment.subscribe(onScreen, ({ data }) => seen.push(data.node.body))
  await elsewhere('EditPost', { postId: id, body: 'After' })
  await fetched(environment, ThreadQuery, { id })
  subscription.dispose()
  assert.deepEqual([onScreen.data.node.body, ...seen], ['Before', 'After'])
})

await feature('refresh', async () => {
  const session = new Session(given.url, given.ended, { app })
  assert.notEqual((await fetched(create({ session }), FeedQuery, { count: 2 })).viewer, null)
  assert.notEqual(session.tokens.accessToken, given.ended.accessToken)
})

const strict = create({ app: { name: 'strict', version: '1.2.3' } })

await feature('trusted', async () => {
  const seen = watch()
  const { viewer } = await fetched(strict, await artifact('relay-trusted', 'FeedQuery'), { count: 2 })
  assert.equal(typeof viewer.id, 'string')
  assert.deepEqual(bodies(seen).map((body) => 'query' in body), [false])
})

await feature('name', async () => {
  await assert.rejects(fetched(strict, await artifact('relay-stage', 'StageLaterQuery'), {}), /only registered documents are executed/)
})

await feature('abort', async () => {
  const stage = onStage()
  const later = await artifact('relay-stage', 'StageLaterQuery')
  const seen = watch()
  const { unsubscribe } = fetchQuery(stage, later, {}).subscribe({ next: () => assert.fail('it was left') })
  await new Promise((resolve) => setTimeout(resolve, 50))
  unsubscribe()
  assert.equal(seen[0].signal.aborted, true)
  assert.equal((await fetched(stage, later, {})).later, 'done')
})

await feature('defer-2022', async () => {
  const StagePersonQuery = await artifact('relay-stage', 'StagePersonQuery')
  const stage = onStage()
  const seen = []
  const { fragment } = createOperationDescriptor(StagePersonQuery, {})
  const later = await artifact('relay-stage', 'Stage_person')
  await new Promise((resolve, reject) => {
    fetchQuery(stage, StagePersonQuery, {}).subscribe({
      next: ({ person }) => seen.push(stage.lookup(getSelector(later, person)).data.nickname),
      error: reject,
      complete: resolve,
    })
  })
  assert.deepEqual([seen[0], seen.at(-1)], [undefined, 'An'])
  const { person } = stage.lookup(fragment).data
  const { friends } = stage.lookup(getSelector(later, person)).data
  assert.deepEqual(friends.map(({ nickname }) => nickname), ['Be', 'Ch'])
})

/** Yields the events of a subscription until it is cancelled. */
const listen = (subscription) => (socket, { next }) =>
  requestSubscription(onStage({ socket }), { subscription, variables: {}, onNext: next, onError: assert.fail })

await feature('ws', async () => {
  const socket = socketOf(sessionWith(lasting))
  const subscription = await artifact('relay-stage', 'StageCountSubscription')
  const numbers = []
  await new Promise((resolve, reject) => {
    const onNext = ({ count }) => numbers.push(count.number)
    requestSubscription(onStage({ socket }), { subscription, variables: {}, onNext, onError: reject, onCompleted: resolve })
  })
  assert.deepEqual(numbers, [0, 1])
  await socket.dispose()
})

const forever = await artifact('relay-stage', 'StageForeverSubscription')
await feature('reconnect', () => comesBack('sign out', listen(forever)))
await feature('drain', () => comesBack('restart', listen(forever)))
process.exit()
