// Follows live updates over one WebSocket: reconnects, resumes after the last cursor, and drops duplicates.
import { createClient } from 'graphql-ws'

/** The fields that every payload of `viewerEvents` and `postEvents` selects. */
export interface LivePayload {
  cursor: string
  event: { __typename: string }
}

export interface LiveHandlers<Payload> {
  /** `errors` are those of fields that are null because of them. */
  event: (payload: Payload, errors?: unknown) => void
  /** Events may be missing before this one: read the data of the screen again. */
  reset: (payload: Payload, errors?: unknown) => void
  /** The subscription has ended: with errors of GraphQL, with a close event, or with null if the app ended it. */
  end: (reason: unknown) => void
}

export interface LiveOptions {
  url: string
  /**
   * Returns an access token: a new one, if the server has rejected the last one. If it fails, the client tries again
   * later. When the user has to sign in, call `dispose`.
   */
  token: (isRejected: boolean) => Promise<string>
  /** A WebSocket class, where there is no global one. */
  webSocketImpl?: unknown
  /** Milliseconds: the maximum of the first pause before the client connects again, and of all pauses. */
  pauses?: [first: number, longest: number]
  /** Milliseconds between a pong and the next ping, and within which the server has to respond. */
  heartbeat?: number
}

export function createLiveClient(options: LiveOptions) {
  const { token, pauses: [first, longest] = [500, 30_000], heartbeat = 15_000 } = options
  let isRejected = false, isDisposed = false, hint: string | undefined
  let socket: WebSocket, timeout: ReturnType<typeof setTimeout>
  const pause = (attempt: number) => Math.random() * Math.min(longest, first * 2 ** attempt)
  // Without a listener, since messages that were delayed would arrive after newer ones.
  const terminate = () => ((socket.onmessage = null), client.terminate())
  const withToken = (text: string) => ((isRejected = false), { Authorization: `Bearer ${text}` })
  const noToken = (): undefined => void socket.close(4408, 'There is no token') // after this code it connects again
  const client = createClient({
    ...options,
    keepAlive: heartbeat,
    connectionAckWaitTimeout: heartbeat,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, hint ? Number(hint) : pause(attempt))),
    connectionParams: () => token(isRejected).then(withToken, noToken),
    on: {
      opened: (opened) => void (socket = opened as WebSocket),
      ping: (isReceived) => void (isReceived || (timeout = setTimeout(terminate, heartbeat))),
      pong: (isReceived) => void (isReceived && clearTimeout(timeout)),
      closed: (event) => {
        clearTimeout(timeout)
        isRejected ||= (event as CloseEvent).code === 4403
        hint = /retry in (\d+) ms/.exec((event as CloseEvent).reason)?.[1]
      },
    },
  })

  /**
   * Follows a subscription that has a variable `$after`. `after` is a cursor, such as `viewer.liveCursor`. Returns a
   * function that ends it.
   */
  function follow<Payload extends LivePayload>(
    request: { query: string; variables?: Record<string, unknown> }, after: string, handlers: LiveHandlers<Payload>,
  ) {
    // The request is serialized each time it is sent, and then contains the last cursor.
    const variables = { ...request.variables, get after() { return after } }
    let attempt = 0, stop: () => void
    const subscribe = (): void => {
      let failure: readonly Failure[] | null = null
      const end = (reason: unknown) => {
        if (isDisposed || !Array.isArray(reason) || !reason.some(isRetryable)) return handlers.end(reason)
        const timer = setTimeout(() => (isDisposed ? end(null) : subscribe()), pause(attempt++))
        stop = () => (clearTimeout(timer), end(null))
      }
      stop = client.subscribe<Record<string, Payload>>({ ...request, variables }, {
        next: ({ data, errors = [] }) => {
          const payload = Object.values(data ?? {})[0]
          if (!payload) {
            failure = errors // there is no cursor: with the next one, this event would be lost
            stop()
          } else if (payload.cursor !== after) {
            after = payload.cursor
            attempt = 0
            handlers[payload.event.__typename === 'StreamReset' ? 'reset' : 'event'](payload, errors)
          }
        },
        error: end,
        complete: () => end(failure),
      })
    }
    subscribe()
    return () => stop()
  }

  return { follow, dispose: () => ((isDisposed = true), client.dispose()) }
}

type Failure = { extensions?: { retryable?: unknown } }
const isRetryable = ({ extensions }: Failure) => extensions?.retryable === true
