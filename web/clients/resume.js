// Tests that a client receives all live updates, while its connection is lost and the server is replaced.
import * as graphql from 'graphql'
import { gql } from '@apollo/client'
import { createClient } from 'graphql-sse'
import relay from 'relay-runtime'

import { assert, example, given } from './report.js'
import { app, liveFeature, moment, receivesAll, session, VIEWER_EVENTS } from './live.js'
import { socketOf } from './streams.js'

const socket = () => socketOf(session, { retryWait: moment })

const clients = {
  async 'Apollo Client'() {
    const { createApolloClient } = await example('apollo-client/client.js')
    const client = createApolloClient({ url: given.url, session, app, socket: socket() })
    return (after, next) => {
      const events = client.subscribe({ query: gql(VIEWER_EVENTS), variables: { after } })
      const subscription = events.subscribe({ next: ({ data }) => next(data.viewerEvents), error: assert.fail })
      return () => subscription.unsubscribe()
    }
  },

  async urql() {
    const { cache, createUrqlClient } = await example('urql/client.js')
    const sdl = await (await fetch(new URL('/schema.graphql', given.url))).text()
    const store = cache(graphql.introspectionFromSchema(graphql.buildSchema(sdl)))
    const client = createUrqlClient({ url: given.url, session, app, socket: socket(), store })
    return (after, next) => {
      const { unsubscribe } = client.subscription(VIEWER_EVENTS, { after }).subscribe(({ data, error }) => {
        assert.ifError(error)
        next(data.viewerEvents)
      })
      return unsubscribe
    }
  },

  async Relay() {
    const { createEnvironment } = await example('relay/environment.js')
    const subscription = (await import('./__generated__/relay/LiveViewerEventsSubscription.graphql.js')).default
    const environment = createEnvironment({ url: given.url, session, app, socket: socket() })
    return (after, next) => {
      const onNext = ({ viewerEvents }) => next(viewerEvents)
      const request = { subscription, variables: { after }, onNext, onError: assert.fail }
      return relay.requestSubscription(environment, request).dispose
    }
  },

  async 'graphql-sse'() {
    const client = createClient({ url: given.url, retryAttempts: 1000, retry: moment, headers: session.headers })
    return (start, next) => {
      let after = start
      // The client serializes the request each time it connects.
      const variables = { get after() { return after } }
      return client.subscribe({ query: VIEWER_EVENTS, variables }, {
        next: ({ data }) => {
          after = data.viewerEvents.cursor
          next(data.viewerEvents)
        },
        error: assert.fail,
        complete: () => {},
      })
    }
  },
}

await liveFeature('resume', async () => receivesAll(await clients[given.client]()))
process.exit()
