// Relay. The app provides its network layer.
import { meros } from 'meros/browser'
import relay from 'relay-runtime'

import { PREFETCH } from '../limits.js'
import { hasEnded } from '../session.js'

const { Environment, Network, Observable, RecordSource, Store } = relay
const PARTS = 'multipart/mixed;deferSpec=20220824'

/**
 * `socket` is the result of `createSocket`, and `fetch` may be that of `createFetch`. A query with `metadata: { prefetch:
 * true }` in its `networkCacheConfig` is marked as a prefetch.
 */
export function createEnvironment({ url, session, app, socket, fetch = (...sent) => globalThis.fetch(...sent) }) {
  const ask = async (request, variables, isPrefetch, signal) =>
    fetch(url, {
      method: 'POST',
      signal,
      headers: {
        'Content-Type': 'application/json',
        Accept: `${PARTS}, application/graphql-response+json, application/json`,
        'graphql-client-name': app.name,
        'graphql-client-version': app.version,
        ...(isPrefetch ? PREFETCH : {}),
        ...session.headers,
      },
      body: JSON.stringify({ ...named(request), variables }),
    })

  const execute = (request, variables, { metadata } = {}) =>
    Observable.create((sink) => {
      const aborter = new AbortController()
      answers(request, variables, metadata?.prefetch === true, aborter.signal).then(
        () => sink.complete(),
        (error) => aborter.signal.aborted || sink.error(error),
      )
      return () => aborter.abort()

      async function answers(...asked) {
        for await (const answer of read(await ask(...asked))) {
          if (hasEnded(answer.errors) && (await session.refresh())) {
            for await (const again of read(await ask(...asked))) sink.next(again)
            return
          }
          sink.next(answer)
        }
      }
    })

  const subscribe = (request, variables) =>
    Observable.create((sink) => socket.subscribe({ ...named(request), variables }, sink))

  return new Environment({ network: Network.create(execute, subscribe), store: new Store(new RecordSource()) })
}

/** A document has an id if `persistConfig` of relay-compiler is set, and otherwise a text. */
const named = ({ id, text, name }) => ({ ...(id ? { doc_id: id } : { query: text }), operationName: name })

/** Deferred results arrive in parts. Relay needs a mark on the last part. */
async function* read(response) {
  const parts = await meros(response)
  if (parts === response) {
    yield await response.json()
    return
  }
  for await (const { body } of parts) {
    const { incremental = [], hasNext, ...first } = body
    if ('data' in first) yield { ...first, extensions: { is_final: !hasNext } }
    for (const part of incremental) yield { ...part, extensions: { is_final: !hasNext } }
  }
}
