// Serves the subscriptions of bff's schema with graphql-ws. POST /publish publishes events in this process.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { Topic } from './topic.mjs'

const schema = buildSchema(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'))
const fields = schema.getSubscriptionType().getFields()
const topics = { postEvents: new Topic(), viewerEvents: new Topic() }
for (const [name, topic] of Object.entries(topics)) {
  fields[name].subscribe = () => topic.subscribe()
}

/** Publishes a payload `count` times, each with its own cursor of the same length. */
async function publish (request) {
  const { field, payload, count } = await json(request)
  for (let number = 0; number < count; number++) {
    const cursor = payload.cursor.slice(0, -8) + String(number).padStart(8, '0')
    topics[field].publish({ [field]: { ...payload, cursor } })
  }
}

const http = createServer(async (request, response) => {
  if (request.url === '/publish') await publish(request)
  response.end()
})
useServer({ schema }, new WebSocketServer({ server: http, path: '/graphql' }))
http.listen(Number(process.env.PORT), '127.0.0.1')
