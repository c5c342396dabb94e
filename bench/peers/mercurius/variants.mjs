// Defines the variants: users joined into the rows, or read by loaders.
import DataLoader from 'dataloader'
import { commentPages, newResolvers, text } from './resolvers.mjs'
import { joined, plain, readPeople } from './statements.mjs'

/** Returns resolvers and loaders with the additional `fields`. */
function variant (statements, fields, newContext) {
  const resolvers = newResolvers(statements)
  for (const [type, added] of Object.entries(fields)) Object.assign(resolvers[type], added)
  const loaders = {
    Post: {
      comments: {
        // Each selection of a document requests pages of one size.
        async loader (queries, { userId }) {
          const sizes = new Map()
          for (const { obj, params } of queries) {
            if (!sizes.has(params.first)) sizes.set(params.first, [])
            sizes.get(params.first).push(obj)
          }
          const found = new Map()
          await Promise.all([...sizes].map(async ([first, posts]) => {
            const pages = await commentPages(statements.comments_by_post, userId, posts, first)
            posts.forEach((post, place) => found.set(post, pages[place]))
          }))
          return queries.map(({ obj }) => found.get(obj))
        },
        opts: { cache: false }
      }
    }
  }
  return { resolvers, loaders, newContext }
}

const nested = (prefix) => (row) => row[`${prefix}__id`] === null
  ? null
  : {
      id: row[`${prefix}__id`],
      handle: row[`${prefix}__handle`],
      name: row[`${prefix}__name`],
      avatarUrl: row[`${prefix}__avatarUrl`]
    }

const byJoins = () => {
  const [author, actor, counterparty] = ['author', 'actor', 'counterparty'].map(nested)
  return variant(joined, {
    Post: { author },
    Comment: { author },
    Notification: { actor, text: (row) => text(row, actor(row)) },
    Payment: { counterparty }
  }, (userId) => ({ userId }))
}

const byLoaders = () => {
  const load = (people, id) => (id === null ? null : people.load(id))
  return variant(plain, {
    Post: { author: (row, _given, { people }) => people.load(row.authorId) },
    Comment: { author: (row, _given, { people }) => people.load(row.authorId) },
    Notification: {
      actor: (row, _given, { people }) => load(people, row.actorId),
      text: async (row, _given, { people }) => text(row, await load(people, row.actorId))
    },
    Payment: { counterparty: (row, _given, { people }) => load(people, row.counterpartyId) }
  }, (userId) => ({
    userId,
    people: new DataLoader(async (wanted) => {
      const found = new Map((await readPeople(userId, wanted)).map((row) => [row.id, row]))
      return wanted.map((id) => found.get(id) ?? null)
    })
  }))
}

export const variants = { joined: byJoins, loaders: byLoaders }
