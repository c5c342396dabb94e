// Contains the resolver of search, like resolvers/search.py.
import { writeCursor } from './ids.mjs'
import { HIGHEST, page } from './pages.mjs'
import { joined } from './statements.mjs'

const NO_HANDLE = ' '
const HANDLE = /^@?([a-z0-9_]{1,30})$/
const WORD = /^[a-z0-9]+$/

/** Returns a search string as queries of PostgreSQL, with the last word complete and as a prefix, and as a handle. */
function parse (query) {
  const folded = query.toLowerCase()
  const words = folded.split(/\s+/).filter(Boolean)
  if (!words.every((word) => WORD.test(word))) throw new Error('search supports only words of ASCII letters and digits')
  const queries = words.map((word) => `('${word}')`)
  const unfinished = [...queries.slice(0, -1), `('${words.at(-1)}':*)`]
  return [queries.join(' & '), unfinished.join(' & '), HANDLE.exec(folded.trim())?.[1] ?? NO_HANDLE]
}

const byScore = (listName, row) => writeCursor(listName, row.score, row.id)

async function found (typename, read, rows) {
  const nodes = new Map()
  const wanted = rows.filter((row) => row.__typename === typename)
  if (wanted.length === 0) return nodes
  for (const node of await read(wanted)) {
    node.__typename = typename
    nodes.set(node.id, node)
  }
  return nodes
}

export async function search (_root, { query, first }, { userId }) {
  const after = [HIGHEST, HIGHEST]
  const rows = await joined.search(userId, ...parse(query), true, true, ...after, first + 1)
  const shown = rows.slice(0, first)
  const [users, posts] = await Promise.all([
    found('User', (wanted) => joined.user_by_id(wanted.map((row) => row.id)), shown),
    found('Post', (wanted) => joined.post_by_id(wanted.map((row) => row.ownerId), wanted.map((row) => row.id)), shown)
  ])
  const nodeOf = (row) => (row.__typename === 'User' ? users : posts).get(row.id) ?? null
  return page(`search:${userId}:POST,USER:${query}`, rows, first, byScore, nodeOf)
}
