// A `fetch` that sends a rejected request again when the server has room, and tells the app when its version is too old.
// It needs clients that accept application/graphql-response+json, as those of the examples do: then such rejections have
// a status that is not 200.

/** The attempts of a request, by the code of its rejection. The server has executed nothing, so mutations are safe. */
const ATTEMPTS = { RATE_LIMITED: 2, OVERLOADED: 4 }
const REJECTIONS = new Set([400, 429, 503])

/** Headers of a query whose response the user may never need: an overloaded server rejects it before others. */
export const PREFETCH = { Purpose: 'prefetch' }

/**
 * `onUpgrade` gets `{ minimumVersion, storeUrl }` of APP_UPGRADE_REQUIRED, once; nothing is sent from then on.
 * `onNewVersion` gets `{ version, storeUrl }` of the header App-Upgrade, once. Addresses of stores may be undefined.
 * A rejection with a pause of more than `longestPause` milliseconds is left to the app, and so is that of a prefetch.
 */
export function createFetch({ onUpgrade, onNewVersion = () => {}, longestPause = 30_000 }) {
  let outdated = null
  let isTold = false
  return async (url, options = {}) => {
    for (let attempt = 1; ; attempt++) {
      if (outdated) return outdated.clone()
      const response = await fetch(url, options)
      const recommended = response.headers.get('app-upgrade')
      if (recommended && !isTold) {
        isTold = true
        onNewVersion(readRecommended(recommended))
      }
      const rejection = await readRejection(response)
      if (rejection?.code === 'APP_UPGRADE_REQUIRED') {
        if (!outdated) onUpgrade(rejection)
        outdated ??= response.clone()
        return response
      }
      const pause = pauseOf(rejection, attempt)
      if (pause === null || pause > longestPause || isPrefetch(options)) return response
      await wait(pause, options.signal)
    }
  }
}

/** Returns the extensions of the error that rejected a request, or undefined. */
async function readRejection(response) {
  if (!REJECTIONS.has(response.status)) return undefined
  const { errors } = await response.clone().json().catch(() => ({}))
  return errors?.[0]?.extensions
}

/** Returns the milliseconds until the request may be sent again, or null if it may not. */
function pauseOf(rejection, attempt) {
  if (!rejection || attempt >= (ATTEMPTS[rejection.code] ?? 0)) return null
  return 1000 * (rejection.retryAfter ?? 1) * 2 ** (attempt - 1)
}

const isPrefetch = ({ headers }) => new Headers(headers).get('purpose') === PREFETCH.Purpose

/** Reads a header such as `recommended; version="4.3.0"; store="https://apps.apple.com/app/id1"`. */
function readRecommended(header) {
  const parameter = (name) => new RegExp(`; ${name}="([^"]*)"`).exec(header)?.[1]
  return { version: parameter('version'), storeUrl: parameter('store') }
}

const wait = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
