// graphql-ws for Apollo Client, urql and Relay. It connects with the current token, and refreshes a rejected one.
import { createClient } from 'graphql-ws'

const REFUSED = 4403

export function createSocket({ url, session, app, ...options }) {
  let refused = false
  return createClient({
    url,
    retryAttempts: Infinity,
    // Without it, every subscription ends when the server is unavailable for a moment.
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
