// graphql-ws for Apollo Client, urql and Relay. It connects with the current token, refreshes a rejected one, and resumes
// live updates after their last cursor.
import { createClient } from 'graphql-ws'

const REFUSED = 4403

/**
 * Milliseconds are `firstPause` and `longestPause`, the maxima of the pauses before it connects again, and `heartbeat`,
 * within which the server has to respond. Other options are those of graphql-ws.
 */
export function createSocket({ url, session, app, firstPause = 500, longestPause = 30_000, heartbeat = 15_000, ...options }) {
  let refused = false
  let hint
  let active
  let timeout
  const terminate = () => {
    active.onmessage = null // else messages that were delayed would arrive after newer ones
    client.terminate()
  }
  const pause = (attempt) => Math.random() * Math.min(longestPause, firstPause * 2 ** attempt)
  const client = createClient({
    url,
    keepAlive: heartbeat,
    connectionAckWaitTimeout: heartbeat,
    retryAttempts: Infinity,
    // Without it, every subscription ends when the server is unavailable for a moment.
    shouldRetry: () => true,
    // Random pauses, so that many clients do not connect at the same time. A server that stops tells how long to wait.
    retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, hint ?? pause(attempt))),
    connectionParams: async () => {
      if (refused) await session.refresh()
      return { ...session.headers, client: app }
    },
    ...options,
    on: {
      ...options.on,
      opened: (socket) => {
        active = socket
        options.on?.opened?.(socket)
      },
      ping: (received) => {
        if (!received) timeout = setTimeout(terminate, heartbeat)
      },
      pong: (received) => {
        if (received) clearTimeout(timeout)
      },
      closed: (event) => {
        clearTimeout(timeout)
        refused = event.code === REFUSED
        hint = /retry in (\d+) ms/.exec(event.reason)?.[1]
        options.on?.closed?.(event)
      },
    },
  })
  return { ...client, subscribe: (request, sink) => resume(client, request, sink, pause) }
}

/**
 * Sends the cursor of the last payload as `after` when the client subscribes again: after a loss of the connection, and
 * after an error that says that it may be repeated.
 */
function resume(client, request, sink, pause) {
  let { after } = request.variables ?? {}
  let attempt = 0
  let stop
  // The client reads the request each time it sends it.
  const variables = { ...request.variables, get after() { return after } }
  const subscribe = () => {
    let failure
    const fail = (errors) => {
      const timer = setTimeout(subscribe, Math.max(pause(attempt++), pauseOf(errors)))
      failure = errors
      stop()
      stop = () => {
        clearTimeout(timer)
        sink.complete()
      }
    }
    stop = client.subscribe({ ...request, variables }, {
      next: (result) => {
        const [payload] = Object.values(result.data ?? {})
        if (!payload && mayRepeat(result.errors)) return fail(result.errors)
        after = payload?.cursor ?? after
        attempt = 0
        sink.next(result)
      },
      error: (reason) => (mayRepeat(reason) ? fail(reason) : sink.error(reason)),
      complete: () => failure || sink.complete(),
    })
  }
  subscribe()
  return () => stop()
}

/** Returns the milliseconds for which the server has asked to wait. */
const pauseOf = (errors) => 1000 * Math.max(0, ...errors.map(({ extensions }) => extensions?.retryAfter ?? 0))

const mayRepeat = (errors) => Array.isArray(errors) && errors.some(({ extensions }) => extensions?.retryable)
