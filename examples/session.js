// The tokens of one device. A refresh token is good once, so one exchange runs at a time, and all who wait share it.
// Where only registered documents run, register this one, too.
export const REFRESH = `mutation RefreshSession($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename
    ... on RefreshSessionSuccess { session { accessToken refreshToken } }
  }
}`

export class Session {
  #exchange = null

  constructor(url, tokens) {
    this.url = url
    this.tokens = tokens
  }

  get headers() {
    return this.tokens ? { Authorization: `Bearer ${this.tokens.accessToken}` } : {}
  }

  /** Whether there are new tokens. When there are none, the person has to sign in again. */
  refresh() {
    this.#exchange ??= this.#refresh().finally(() => {
      this.#exchange = null
    })
    return this.#exchange
  }

  async #refresh() {
    const variables = { input: { refreshToken: this.tokens?.refreshToken ?? '' } }
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ query: REFRESH, variables }),
    })
    const { data } = await response.json()
    this.tokens = data?.refreshSession.session ?? null
    return this.tokens !== null
  }
}

/** Whether one of these errors says that the access token has ended. */
export const hasEnded = (errors) => (errors ?? []).some((error) => error.extensions?.code === 'UNAUTHENTICATED')
