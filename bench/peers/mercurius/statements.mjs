// Contains the statements of our server, which the benchmark records, by the function of ours that reads with them.
// Each is a subquery, because only the names of the columns differ.
import { statement } from './database.mjs'
import { subquery } from './subqueries.mjs'

const given = Object.entries(JSON.parse(process.env.PEER_STATEMENTS))

/** Returns functions that execute the statements, with those columns only that `isRead` selects. */
function executing (prefix, isRead) {
  return Object.fromEntries(given.map(([name, { text, columns }]) =>
    [name, statement(`${prefix}${name}`, subquery(text, columns.filter(isRead)))]))
}

/** Statements with all their columns. */
export const joined = executing('', () => true)

/** Statements without the columns of joined users, except their ids. */
export const plain = executing('plain_', (column) => !/[a-z]__(?!id$)/.test(column))

/** Reads users by their ids, except blocked ones. */
export const readPeople = statement(
  'people', 'SELECT u.id, u.handle, u.name, u.avatar_url AS "avatarUrl" FROM users u WHERE u.id = ANY($2::bigint[]) ' +
  'AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.owner_id = $1 AND blocks.other_id = u.id)')
