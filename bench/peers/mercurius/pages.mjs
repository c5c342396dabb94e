// Builds pages as Relay connections.
import { writeCursor } from './ids.mjs'

export const HIGHEST = (2n ** 63n - 1n).toString()

const byId = (listName, row) => writeCursor(listName, row.id)

/** Returns a page from up to `first + 1` rows. `nodeOf` returns the node of a row, if that is not the row itself. */
export function page (listName, rows, first, cursorOf = byId, nodeOf = (row) => row) {
  const shown = rows.length > first ? rows.slice(0, first) : rows
  return {
    edges: shown.map((row) => ({ node: nodeOf(row), row, listName, cursorOf })),
    pageInfo: { listName, rows: shown, cursorOf, hasNextPage: rows.length > first, hasPreviousPage: false }
  }
}

const edge = { cursor: ({ listName, row, cursorOf }) => cursorOf(listName, row) }
const cursorAt = (place) => ({ listName, rows, cursorOf }) => (rows.length ? cursorOf(listName, rows.at(place)) : null)

export const pageResolvers = {
  PostEdge: edge,
  CommentEdge: edge,
  NotificationEdge: edge,
  PaymentEdge: edge,
  SearchResultEdge: edge,
  PageInfo: { startCursor: cursorAt(0), endCursor: cursorAt(-1) }
}
