// The tokens of one device. A refresh token is valid once, so one exchange runs at a time, and all requests share it.
const ATTEMPTS = 4
const FIRST_PAUSE = 300

export const REFRESH = `mutation RefreshSession($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename
    ... on RefreshSessionSuccess { session { accessToken refreshToken } }
    ... on RateLimitedProblem { retryAfterSeconds }
  }
}`

export class Session {
  #exchange = null
  #notBefore = 0

  /**
   * `app` is the app's `{ name, version }`. `document` contains the members of a request that name the mutation. If only
   * registered documents are executed, it is `{ documentId }` with the id of RefreshSession in the app's manifest. That
   * document selects the fields of REFRESH; build tools may add `__typename`.
   */
  constructor(url, tokens, { app, document = { query: REFRESH } }) {
    this.url = url
    this.tokens = tokens
    this.app = app
    this.document = document
  }

  get headers() {
    return this.tokens ? { Authorization: `Bearer ${this.tokens.accessToken}` } : {}
  }

  /**
   * Returns whether there are new tokens. Without them, the user has to sign in again only if `tokens` is null: an
   * unavailable server or a rate limit does not end a session.
   */
  refresh() {
    this.#exchange ??= this.#refresh().finally(() => {
      this.#exchange = null
    })
    return this.#exchange
  }

  async #refresh() {
    if (!this.tokens || Date.now() < this.#notBefore) return false
    const result = await this.#ask()
    switch (result?.__typename) {
      case 'RefreshSessionSuccess':
        this.tokens = result.session
        return true
      case 'SessionExpiredProblem':
        this.tokens = null
        return false
      case 'RateLimitedProblem':
        this.#notBefore = Date.now() + 1000 * (result.retryAfterSeconds ?? 60)
        return false
      default:
        return false
    }
  }

  /** Tries again with growing pauses while there is no response or a retryable error. The token stays valid. */
  async #ask() {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt) await pause(FIRST_PAUSE * 2 ** attempt * (0.5 + Math.random()))
      const answer = await this.#send().catch(() => null)
      const errors = answer?.errors ?? []
      if (answer && !errors.some((error) => error.extensions?.retryable)) return answer.data?.refreshSession
    }
    return null
  }

  async #send() {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'graphql-client-name': this.app.name,
        'graphql-client-version': this.app.version,
      },
      body: JSON.stringify({ ...this.document, variables: { input: { refreshToken: this.tokens.refreshToken } } }),
    })
    return response.json()
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Returns whether one of these errors has the code of an ended access token. */
export const hasEnded = (errors) => (errors ?? []).some((error) => error.extensions?.code === 'UNAUTHENTICATED')
