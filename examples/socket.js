// graphql-ws for Apollo Client, urql and Relay: signs in with the token of now, and gets a new one when it was refused.
import { createClient } from 'graphql-ws'

const REFUSED = 4403

export function createSocket({ url, session, app, ...options }) {
  let refused = false
  return createClient({
    url,
    retryAttempts: Infinity,
    // Without it, a server that cannot be reached for a moment ends every subscription.
    shouldRetry: () => true,
    connectionParams: async () => {
      if (refused) await session.refresh()
      return { ...session.headers, client: app }
    },
    ...options,
    on: {
      closed: (event) => {
        refused = event.code === REFUSED
        options.on?.closed?.(event)
      },
    },
  })
}
