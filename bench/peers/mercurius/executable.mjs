// Defines the schema for servers that execute it without Mercurius and cache whole responses.
import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { variants } from './variants.mjs'

export const MAX_AGE_SECONDS = 60

const OURS = /"""[^"]*"""\ndirective @cacheControl[^\n]*\n| @cacheControl\([^)]*\)/g
const THEIRS = `
enum CacheControlScope { PUBLIC PRIVATE }
directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`

/** The text of bff's schema. Its hints are replaced by one, in the form that Apollo Server and GraphQL Yoga read. */
export const typeDefs = readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8')
  .replace(OURS, '')
  .replace(/^ {2}viewer: Viewer$/m, `  viewer: Viewer @cacheControl(maxAge: ${MAX_AGE_SECONDS}, scope: PRIVATE)`) + THEIRS

if (typeDefs.match(/@cacheControl/g).length !== 2) throw new Error('the hints of schema.graphql have another form')

const { resolvers: own, loaders, newContext: newOwnContext } = variants.joined()

/** Resolvers in which the loaders of Mercurius are DataLoaders of the context. */
export const resolvers = { ...own }
const batches = new Map()
for (const [type, fields] of Object.entries(loaders)) {
  for (const [field, { loader }] of Object.entries(fields)) {
    const name = `${type}.${field}`
    batches.set(name, loader)
    resolvers[type] = {
      ...resolvers[type],
      [field]: (obj, params, { loading }) => loading[name].load({ obj, params })
    }
  }
}

/** Returns the context of one request. */
export function newContext (userId) {
  const context = { ...newOwnContext(userId), loading: {} }
  for (const [name, loader] of batches) {
    context.loading[name] = new DataLoader((queries) => loader(queries, context), { cache: false })
  }
  return context
}
