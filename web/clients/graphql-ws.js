// graphql-ws against a server: `node graphql-ws.js URL TOKEN…`. Prints a line of JSON for each event.
// Each connection uses the next token, like an app that has refreshed its session.
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const [url, ...tokens] = process.argv.slice(2)
const say = (name, value) => console.log(JSON.stringify([name, value]))

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 5,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  connectionParams: () => ({ Authorization: `Bearer ${tokens.shift()}` }),
  on: { closed: ({ code, reason }) => say('closed', [code, reason]), connected: () => say('connected', null) },
})

const ask = (request) =>
  new Promise((resolve) => {
    const results = []
    client.subscribe(request, {
      next: (result) => results.push(result),
      error: (error) => resolve({ results, error }),
      complete: () => resolve({ results }),
    })
  })

say('lasting', null)
const lasting = client.iterate({ query: 'subscription { forever { number viewer } }' })
say('event', (await lasting.next()).value)

say('query', await ask({ query: 'query ($n: Int!) { wide(number: $n) }', variables: { n: 7 } }))
say('subscription', await ask({ query: 'subscription { count(to: 2) { number } }' }))
say('mutation', await ask({ query: 'mutation { slowly }' }))
say('invalid', await ask({ query: '{ nothing }' }))

say('waiting', null)
say('event', (await lasting.next()).value)
await lasting.return()
say('returned', null)
await client.dispose()
