// Apollo Client 4.
import { OperationTypeNode } from 'graphql'
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQL17Alpha9Handler } from '@apollo/client/incremental'
import { SetContextLink } from '@apollo/client/link/context'
import { ErrorLink } from '@apollo/client/link/error'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { relayStylePagination } from '@apollo/client/utilities'
import { from, mergeMap } from 'rxjs'

import { hasEnded } from '../session.js'

/** Merges a fetched page into the cached ones. Add each connection that a screen paginates. */
export const cache = () =>
  new InMemoryCache({
    // A pattern, so that it also matches problem types that are newer than the app.
    possibleTypes: { Problem: ['.*Problem'] },
    typePolicies: {
      Viewer: { fields: { feed: relayStylePagination(), notifications: relayStylePagination(['filter']) } },
      Post: { fields: { comments: relayStylePagination() } },
      User: { fields: { posts: relayStylePagination() } },
    },
  })

/**
 * `persisted` are the options of PersistedQueryLink: `{ sha256 }` for APQ, or
 * `generatePersistedQueryIdsFromManifest({ loadManifest })` of @apollo/persisted-query-lists for trusted documents, and
 * null if every request contains its document.
 * Without a `socket` from `createSocket`, subscriptions use HTTP: the app subscribes again when the connection is lost.
 */
export function createApolloClient({
  url,
  session,
  app,
  socket = null,
  persisted = { sha256, useGETForHashedQueries: true },
  http = new HttpLink({ uri: url }),
  incremental = new GraphQL17Alpha9Handler(),
}) {
  const documents = persisted ? new PersistedQueryLink(persisted).concat(http) : http
  const subscriptions = socket ? new GraphQLWsLink(socket) : http
  const isSubscription = ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION
  return new ApolloClient({
    cache: cache(),
    clientAwareness: app,
    incrementalHandler: incremental,
    link: ApolloLink.from([
      refreshing(session),
      new SetContextLink(({ headers }) => ({ headers: { ...headers, ...session.headers } })),
      ApolloLink.split(isSubscription, subscriptions, documents),
    ]),
  })
}

/** Repeats the operation once with a new token when the old one has ended. */
const refreshing = (session) =>
  new ErrorLink(({ error, operation, forward }) => {
    if (!CombinedGraphQLErrors.is(error) || !hasEnded(error.errors) || operation.getContext().refreshed) return
    operation.setContext({ refreshed: true })
    return from(session.refresh()).pipe(mergeMap(() => forward(operation)))
  })

export async function sha256(text) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
