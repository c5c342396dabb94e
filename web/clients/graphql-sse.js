// graphql-sse against a server: `node graphql-sse.js URL`. Prints a line of JSON for each event.
import { createClient } from 'graphql-sse'

const [url] = process.argv.slice(2)
const say = (name, value) => console.log(JSON.stringify([name, value]))

const client = createClient({ url, retryAttempts: 0 })

const ask = (request) =>
  new Promise((resolve) => {
    const results = []
    client.subscribe(request, {
      next: (result) => results.push(result),
      error: (error) => resolve({ results, status: error.response?.status, message: error.message }),
      complete: () => resolve({ results }),
    })
  })

say('query', await ask({ query: 'query ($n: Int!) { wide(number: $n) }', variables: { n: 7 } }))
say('subscription', await ask({ query: 'subscription { count(to: 2) { number } }' }))
say('invalid', await ask({ query: '{ nothing }' }))

const left = client.iterate({ query: 'subscription { forever { number } }' })
say('event', (await left.next()).value)
await left.return()

say('lasting', null)
say('ended', await ask({ query: 'subscription { forever { number } }' }))
