// Builds pages as Relay connections.
import { writeCursor } from './ids.mjs'

export const HIGHEST = (2n ** 63n - 1n).toString()

/** Returns a page from up to `first + 1` rows. */
export function page (listName, rows, first) {
  const shown = rows.length > first ? rows.slice(0, first) : rows
  return {
    edges: shown.map((node) => ({ node, listName })),
    pageInfo: { listName, rows: shown, hasNextPage: rows.length > first, hasPreviousPage: false }
  }
}

const edge = { cursor: ({ listName, node }) => writeCursor(listName, node.id) }
const cursorAt = (place) => ({ listName, rows }) => (rows.length ? writeCursor(listName, rows.at(place).id) : null)

export const pageResolvers = {
  PostEdge: edge,
  CommentEdge: edge,
  NotificationEdge: edge,
  PaymentEdge: edge,
  PageInfo: { startCursor: cursorAt(0), endCursor: cursorAt(-1) }
}
