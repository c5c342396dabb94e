// Serves operations with GraphQL Yoga. With PEER_CACHE_URL it caches responses for each viewer in Redis.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { createRedisCache } from '@envelop/response-cache-redis'
import { useResponseCache } from '@graphql-yoga/plugin-response-cache'
import { createSchema, createYoga } from 'graphql-yoga'
import { Redis } from 'ioredis'
import { MAX_AGE_SECONDS, newContext, resolvers, typeDefs } from '../mercurius/executable.mjs'
import { authenticate } from '../mercurius/keys.mjs'

const callers = new WeakMap()
const REFUSED = JSON.stringify({
  errors: [{ message: 'The access token is not valid.', extensions: { code: 'UNAUTHENTICATED' } }]
})

/** Verifies the token before the cache is read. */
const authentication = {
  onRequest ({ request, endResponse, fetchAPI }) {
    try {
      callers.set(request, authenticate(request.headers.get('authorization') ?? undefined))
    } catch {
      endResponse(new fetchAPI.Response(REFUSED, { status: 401, headers: { 'Content-Type': 'application/json' } }))
    }
  }
}

/** Returns the key of a response. Node's hash is faster than that of the plugin, which is asynchronous. */
async function cacheKey ({ documentString, operationName, variableValues, sessionId }) {
  const identity = JSON.stringify([documentString, operationName, variableValues, sessionId])
  return createHash('sha256').update(identity).digest('base64url')
}

const cacheUrl = process.env.PEER_CACHE_URL
const caching = cacheUrl && useResponseCache({
  session: (request) => callers.get(request),
  ttl: MAX_AGE_SECONDS * 1000,
  cache: createRedisCache({ redis: new Redis(cacheUrl) }),
  buildResponseCacheKey: cacheKey,
  includeExtensionMetadata: false
})

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: ({ request }) => newContext(callers.get(request)),
  plugins: caching ? [authentication, caching] : [authentication],
  graphiql: false,
  landingPage: false,
  logging: false,
  healthCheckEndpoint: '/readyz'
})

createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1')
