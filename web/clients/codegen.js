// Sends documents of the client preset of GraphQL Code Generator with fetch.
import { createJiti } from 'jiti'

import { assert, feature, given } from './report.js'

const { ProfileDocument, PublishPostDocument } = await createJiti(import.meta.url).import(given.generated)

async function ask(app, body) {
  const headers = {
    'Content-Type': 'application/json',
    Accept: 'application/graphql-response+json, application/json',
    Authorization: `Bearer ${given.token}`,
    'graphql-client-name': app,
  }
  const response = await fetch(given.url, { method: 'POST', headers, body: JSON.stringify(body) })
  return response.json()
}

await feature('query', async () => {
  const { data } = await ask('web', { query: ProfileDocument.toString(), variables: { handle: 'ben' } })
  assert.equal(data.user.name, 'Ben Okafor')
})

await feature('mutation', async () => {
  const variables = { input: { body: 'From fetch' } }
  const { data } = await ask('web', { query: PublishPostDocument.toString(), variables })
  assert.equal(data.publishPost.post.body, 'From fetch')
})

await feature('trusted', async () => {
  const variables = { handle: 'chi' }
  const { data } = await ask('strict', { documentId: ProfileDocument.__meta__.hash, variables })
  assert.equal(data.user.handle, 'chi')
  const { errors } = await ask('strict', { query: 'query Unlisted { viewer { id } }' })
  assert.equal(errors[0].extensions.code, 'PERSISTED_QUERY_NOT_IN_LIST')
})
process.exit()
