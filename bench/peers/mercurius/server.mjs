// Serves operations with Mercurius, JIT and DataLoader, with bff's schema, rows, tokens, ids and cursors.
import { operations } from './jit.mjs'
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { authenticate } from './keys.mjs'
import { variants } from './variants.mjs'

const { resolvers, loaders, newContext } = variants[process.env.PEER_VARIANT]()

const app = Fastify({ logger: false })
app.register(mercurius, {
  schema: readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  loaders,
  jit: 1,
  context (request) {
    try {
      return newContext(authenticate(request.headers.authorization))
    } catch {
      return { refused: new mercurius.ErrorWithProps('The access token is not valid.', { code: 'UNAUTHENTICATED' }) }
    }
  }
})
app.get('/readyz', async () => ({ status: 'ok', jit: operations }))

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
