// Serves the home screen with Apollo Server on Fastify, and caches responses for each viewer in Redis.
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import responseCache from '@apollo/server-plugin-response-cache'
import { KeyvAdapter } from '@apollo/utils.keyvadapter'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import KeyvRedis from '@keyv/redis'
import Fastify from 'fastify'
import { GraphQLError } from 'graphql'
import { Keyv } from 'keyv'
import { MAX_AGE_SECONDS, newContext, resolvers, typeDefs } from '../mercurius/executable.mjs'
import { authenticate } from '../mercurius/keys.mjs'

const apollo = new ApolloServer({
  typeDefs,
  resolvers,
  cache: new KeyvAdapter(new Keyv({ store: new KeyvRedis(process.env.PEER_CACHE_URL) })),
  plugins: [
    ApolloServerPluginCacheControl({ defaultMaxAge: MAX_AGE_SECONDS }),
    responseCache({ sessionId: async ({ contextValue }) => contextValue.userId })
  ],
  introspection: false
})
await apollo.start()

function context ({ headers }) {
  try {
    return newContext(authenticate(headers.authorization))
  } catch {
    throw new GraphQLError('The access token is not valid.',
      { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } })
  }
}

const app = Fastify({ logger: false })
app.post('/graphql', fastifyApolloHandler(apollo, { context: async (request) => context(request) }))
app.get('/readyz', async () => ({ status: 'ok' }))

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
