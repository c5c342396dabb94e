// urql, with its normalized cache.
import { Client, fetchExchange, getOperationName, subscriptionExchange } from '@urql/core'
import { authExchange } from '@urql/exchange-auth'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { persistedExchange } from '@urql/exchange-persisted'

import { hasEnded } from '../session.js'

const none = () => null
const embedded = ['Money', 'NotificationCounts', 'PageInfo', 'QuietHours']

/**
 * Merges a fetched page into the cached ones. Add each connection that a screen paginates. `schema` is the result of
 * `introspectionFromSchema` of graphql for schema.graphql: without it, problems lose their fields.
 */
export const cache = (schema) =>
  cacheExchange({
    schema,
    keys: Object.fromEntries(embedded.map((type) => [type, none])),
    resolvers: {
      Viewer: { feed: relayPagination(), notifications: relayPagination() },
      Post: { comments: relayPagination() },
      User: { posts: relayPagination() },
    },
  })

/**
 * `persisted` are the options of persistedExchange: none for APQ, or the result of `trusted` for trusted documents.
 * `store` is the result of `cache`. Without a `socket` from `createSocket`, subscriptions use server-sent events.
 */
export function createUrqlClient({ url, session, app, store, socket = null, persisted = {}, ...options }) {
  return new Client({
    url,
    preferGetMethod: false,
    fetchSubscriptions: socket === null,
    fetchOptions: { headers: { 'graphql-client-name': app.name, 'graphql-client-version': app.version } },
    exchanges: [
      store,
      authExchange(async (utils) => ({
        addAuthToOperation: (operation) => utils.appendHeaders(operation, session.headers),
        didAuthError: (error) => hasEnded(error.graphQLErrors),
        refreshAuth: () => session.refresh(),
      })),
      persistedExchange({ preferGetForPersistedQueries: false, ...persisted }),
      ...(socket ? [overSocket(socket)] : []),
      fetchExchange,
    ],
    ...options,
  })
}

/**
 * Returns options for documents of the client preset of GraphQL Code Generator with `persistedDocuments`; the argument
 * is its module graphql.ts. The cache adds `__typename` to copies of the documents, which lose their hash. So hashes are
 * found by name, and the registered documents need `documentTransforms: [addTypenameSelectionDocumentTransform]`.
 */
export function trusted(generated) {
  const documents = Object.values(generated).filter((document) => document?.__meta__?.hash)
  const hashes = new Map(documents.map((document) => [getOperationName(document), document.__meta__.hash]))
  return {
    enforcePersistedQueries: true,
    enableForMutation: true,
    generateHash: async (_, document) => hashes.get(getOperationName(document)) ?? '',
  }
}

const overSocket = (socket) =>
  subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
    }),
  })
